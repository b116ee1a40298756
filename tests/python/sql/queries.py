"""Queries over the records of hits.py by name, in words that fanout and DuckDB both know; the single-table queries of
ClickBench first. Where a limit cuts, the order is one of all rows, so that there is one right answer.
"""

CLICKBENCH = {
    "q01": "SELECT COUNT(*) FROM records",
    "q02": "SELECT COUNT(*) FROM records WHERE AdvEngineID <> 0",
    "q03": "SELECT SUM(AdvEngineID), COUNT(*), AVG(ResolutionWidth) FROM records",
    "q04": "SELECT AVG(UserID) FROM records",
    "q05": "SELECT COUNT(DISTINCT UserID) FROM records",
    "q06": "SELECT COUNT(DISTINCT SearchPhrase) FROM records",
    "q07": "SELECT MIN(EventDate), MAX(EventDate) FROM records",
    "q08": "SELECT AdvEngineID, COUNT(*) AS n FROM records WHERE AdvEngineID <> 0 GROUP BY AdvEngineID ORDER BY n DESC, 1",
    "q09": "SELECT RegionID, COUNT(DISTINCT UserID) AS u FROM records GROUP BY RegionID ORDER BY u DESC, 1 LIMIT 10",
    "q10": "SELECT RegionID, SUM(AdvEngineID), COUNT(*) AS c, AVG(ResolutionWidth), COUNT(DISTINCT UserID) FROM records "
    "GROUP BY RegionID ORDER BY c DESC, 1 LIMIT 10",
    "q11": "SELECT MobilePhoneModel, COUNT(DISTINCT UserID) AS u FROM records WHERE MobilePhoneModel <> '' "
    "GROUP BY MobilePhoneModel ORDER BY u DESC, 1 LIMIT 10",
    "q12": "SELECT MobilePhone, MobilePhoneModel, COUNT(DISTINCT UserID) AS u FROM records WHERE MobilePhoneModel <> '' "
    "GROUP BY MobilePhone, MobilePhoneModel ORDER BY u DESC, 1, 2 LIMIT 10",
    "q13": "SELECT SearchPhrase, COUNT(*) AS c FROM records WHERE SearchPhrase <> '' GROUP BY SearchPhrase "
    "ORDER BY c DESC, 1 LIMIT 10",
    "q14": "SELECT SearchPhrase, COUNT(DISTINCT UserID) AS u FROM records WHERE SearchPhrase <> '' GROUP BY SearchPhrase "
    "ORDER BY u DESC, 1 LIMIT 10",
    "q15": "SELECT SearchEngineID, SearchPhrase, COUNT(*) AS c FROM records WHERE SearchPhrase <> '' "
    "GROUP BY SearchEngineID, SearchPhrase ORDER BY c DESC, 1, 2 LIMIT 10",
    "q16": "SELECT UserID, COUNT(*) AS c FROM records GROUP BY UserID ORDER BY c DESC, 1 LIMIT 10",
    "q17": "SELECT UserID, SearchPhrase, COUNT(*) AS c FROM records GROUP BY UserID, SearchPhrase "
    "ORDER BY c DESC, 1, 2 NULLS LAST LIMIT 10",
    "q18": "SELECT COUNT(*) FROM (SELECT UserID, SearchPhrase, COUNT(*) FROM records GROUP BY UserID, SearchPhrase LIMIT 10) t",
    "q19": "SELECT UserID, extract(minute FROM EventTime) AS m, SearchPhrase, COUNT(*) AS c FROM records "
    "GROUP BY UserID, m, SearchPhrase ORDER BY c DESC, 1, 2 NULLS LAST, 3 NULLS LAST LIMIT 10",
    "q20": "SELECT UserID FROM records WHERE UserID = 435090932899640449",
    "q21": "SELECT COUNT(*) FROM records WHERE URL LIKE '%google%'",
    "q22": "SELECT SearchPhrase, MIN(URL), COUNT(*) AS c FROM records WHERE URL LIKE '%google%' AND SearchPhrase <> '' "
    "GROUP BY SearchPhrase ORDER BY c DESC, 1 LIMIT 10",
    "q23": "SELECT SearchPhrase, MIN(URL), MIN(Title), COUNT(*) AS c, COUNT(DISTINCT UserID) FROM records "
    "WHERE Title LIKE '%a%' AND URL NOT LIKE '%.google.%' AND SearchPhrase <> '' GROUP BY SearchPhrase "
    "ORDER BY c DESC, 1 LIMIT 10",
    "q24": "SELECT * FROM records WHERE URL LIKE '%google%' ORDER BY EventTime NULLS LAST, WatchID LIMIT 10",
    "q25": "SELECT SearchPhrase FROM records WHERE SearchPhrase <> '' ORDER BY EventTime NULLS LAST, WatchID LIMIT 10",
    "q26": "SELECT SearchPhrase FROM records WHERE SearchPhrase <> '' ORDER BY SearchPhrase LIMIT 10",
    "q27": "SELECT SearchPhrase FROM records WHERE SearchPhrase <> '' ORDER BY EventTime NULLS LAST, SearchPhrase, WatchID LIMIT 10",
    "q28": "SELECT CounterID, AVG(length(URL)) AS l, COUNT(*) AS c FROM records WHERE URL <> '' GROUP BY CounterID "
    "HAVING COUNT(*) > 2 ORDER BY l DESC, 1 LIMIT 25",
    "q29": r"SELECT regexp_replace(Referer, '^https?://(?:www\.)?([^/]+)/.*$', '\1') AS k, AVG(length(Referer)) AS l, "
    "COUNT(*) AS c, MIN(Referer) FROM records WHERE Referer <> '' GROUP BY k HAVING COUNT(*) > 2 "
    "ORDER BY l DESC, 1 LIMIT 25",
    "q30": "SELECT " + ", ".join(f"SUM(ResolutionWidth + {n}) AS s{n}" for n in range(90)) + " FROM records",
    "q31": "SELECT SearchEngineID, ClientIP, COUNT(*) AS c, SUM(IsRefresh), AVG(ResolutionWidth) FROM records "
    "WHERE SearchPhrase <> '' GROUP BY SearchEngineID, ClientIP ORDER BY c DESC, 1, 2 LIMIT 10",
    "q32": "SELECT WatchID, ClientIP, COUNT(*) AS c, SUM(IsRefresh), AVG(ResolutionWidth) FROM records "
    "WHERE SearchPhrase <> '' GROUP BY WatchID, ClientIP ORDER BY c DESC, 1, 2 LIMIT 10",
    "q33": "SELECT WatchID, ClientIP, COUNT(*) AS c, SUM(IsRefresh), AVG(ResolutionWidth) FROM records "
    "GROUP BY WatchID, ClientIP ORDER BY c DESC, 1, 2 LIMIT 10",
    "q34": "SELECT URL, COUNT(*) AS c FROM records GROUP BY URL ORDER BY c DESC, 1 LIMIT 10",
    "q35": "SELECT 1 AS one, URL, COUNT(*) AS c FROM records GROUP BY 1, URL ORDER BY c DESC, URL LIMIT 10",
    "q36": "SELECT ClientIP, ClientIP - 1 AS i1, ClientIP - 2 AS i2, ClientIP - 3 AS i3, COUNT(*) AS c FROM records "
    "GROUP BY ClientIP, i1, i2, i3 ORDER BY c DESC, 1 LIMIT 10",
    "q37": "SELECT URL, COUNT(*) AS v FROM records WHERE CounterID = 62 AND EventDate >= '2013-07-01' "
    "AND EventDate <= '2013-07-31' AND DontCountHits = 0 AND IsRefresh = 0 AND URL <> '' GROUP BY URL "
    "ORDER BY v DESC, 1 LIMIT 10",
    "q38": "SELECT Title, COUNT(*) AS v FROM records WHERE CounterID = 62 AND EventDate >= DATE '2013-07-01' "
    "AND DontCountHits = 0 AND IsRefresh = 0 AND Title <> '' GROUP BY Title ORDER BY v DESC, 1 LIMIT 10",
    "q39": "SELECT URL, COUNT(*) AS v FROM records WHERE IsRefresh = 0 AND URL IS NOT NULL GROUP BY URL "
    "ORDER BY v DESC, 1 LIMIT 10 OFFSET 1",
    "q40": "SELECT TraficSourceID, SearchEngineID, AdvEngineID, CASE WHEN SearchEngineID = 0 AND AdvEngineID = 0 "
    "THEN Referer ELSE '' END AS src, URL AS dst, COUNT(*) AS v FROM records WHERE CounterID = 62 "
    "GROUP BY TraficSourceID, SearchEngineID, AdvEngineID, src, dst ORDER BY v DESC, 1, 2, 3, 4 NULLS LAST, 5 NULLS LAST "
    "LIMIT 10 OFFSET 3",
    "q41": "SELECT ResolutionWidth, EventDate, COUNT(*) AS v FROM records WHERE CounterID = 62 AND TraficSourceID IN (-1, 6) "
    "GROUP BY ResolutionWidth, EventDate ORDER BY v DESC, 1 NULLS LAST, 2 LIMIT 10 OFFSET 2",
    "q42": "SELECT MobilePhone, IsRefresh, COUNT(*) AS v FROM records WHERE CounterID = 62 AND DontCountHits = 0 "
    "GROUP BY MobilePhone, IsRefresh ORDER BY v DESC, 1, 2 LIMIT 10 OFFSET 1",
    "q43": "SELECT DATE_TRUNC('hour', EventTime) AS h, COUNT(*) AS v FROM records WHERE EventDate >= '2013-07-14' "
    "AND EventTime IS NOT NULL GROUP BY h ORDER BY h LIMIT 10 OFFSET 1",
}

OTHERS = {
    "all records": "SELECT * FROM records",
    "a projection": "SELECT WatchID, Title, Price FROM records",
    "a filter": "SELECT WatchID FROM records WHERE Price > 100 OR Paid",
    "nothing fits": "SELECT WatchID, Title FROM records WHERE WatchID = 7",
    "aggregates of nothing": "SELECT COUNT(*), SUM(CounterID), MIN(Title), AVG(Load) FROM records WHERE WatchID = 7",
    "groups of nothing": "SELECT CounterID, COUNT(*) FROM records WHERE WatchID = 7 GROUP BY CounterID",
    "a limit in order": "SELECT WatchID FROM records LIMIT 5",
    "a limit of none": "SELECT WatchID FROM records LIMIT 0",
    "an offset": "SELECT WatchID, Title FROM records LIMIT 4 OFFSET 3",
    "an offset beyond the end": "SELECT WatchID FROM records LIMIT 4 OFFSET 100000",
    "sorted": "SELECT WatchID, EventTime FROM records ORDER BY EventTime DESC NULLS LAST, WatchID",
    "sorted by two": "SELECT Paid, Price, WatchID FROM records ORDER BY Paid NULLS FIRST, Price DESC NULLS LAST, WatchID LIMIT 7",
    "distinct": "SELECT DISTINCT MobilePhoneModel, MobilePhone FROM records ORDER BY 1 NULLS LAST, 2",
    "distinct numbers": "SELECT COUNT(DISTINCT Price), COUNT(DISTINCT EventDate), COUNT(Price) FROM records",
    "distinct by group": "SELECT CounterID, COUNT(DISTINCT Title), SUM(DISTINCT RegionID) FROM records GROUP BY CounterID ORDER BY 1",
    "having": "SELECT UserID, COUNT(*) AS n FROM records GROUP BY UserID HAVING COUNT(*) > 1 AND MIN(Load) < 0 ORDER BY 1",
    "exact decimals": "SELECT SUM(Price), MIN(Price), MAX(Price), COUNT(Price) FROM records",
    "decimals by group": "SELECT Paid, SUM(Price) AS s FROM records GROUP BY Paid ORDER BY 1 NULLS LAST",
    "floats": "SELECT SUM(Load), AVG(Load), MIN(Load), MAX(Load), STDDEV(Load), VAR_POP(Load) FROM records",
    "a correlation": "SELECT CORR(Load, ClientIP), COVAR_POP(Load, ClientIP) FROM records",
    "a median": "SELECT MEDIAN(Load) FROM records",
    "a median by group": "SELECT CounterID, MEDIAN(Load) FROM records GROUP BY CounterID ORDER BY 1",
    "booleans": "SELECT BOOL_AND(Paid), BOOL_OR(Paid), COUNT(*) FILTER (WHERE Paid) FROM records",
    "a filter of an aggregate": "SELECT CounterID, SUM(ClientIP) FILTER (WHERE IsRefresh = 1) FROM records GROUP BY CounterID ORDER BY 1",
    "a group of groups": "SELECT n, COUNT(*) FROM (SELECT UserID, COUNT(*) AS n FROM records GROUP BY UserID) t GROUP BY n ORDER BY n",
    "a common table": "WITH t AS (SELECT CounterID, Price FROM records WHERE Price > 0) SELECT CounterID, SUM(Price) FROM t GROUP BY 1 ORDER BY 1",
    "case and coalesce": "SELECT WatchID, COALESCE(Title, 'none'), CASE WHEN Load < 0 THEN 'low' WHEN Load > 0 THEN 'high' END, NULLIF(MobilePhoneModel, '') FROM records",
    "casts": "SELECT WatchID, CAST(ClientIP AS VARCHAR), CAST(trunc(Load) AS INTEGER), CAST(Price AS DOUBLE), CAST(EventTime AS DATE) FROM records",
    "text functions": "SELECT WatchID, upper(Title), lower(Title), length(Title), substr(Title, 2, 3), trim(Title), replace(Title, 'a', 'b'), concat(Title, '!'), starts_with(Title, 'a') FROM records",
    "text operators": "SELECT WatchID, Title || '/' || MobilePhoneModel, strpos(Title, 'e'), left(Title, 2), right(Title, 2), reverse(MobilePhoneModel) FROM records",
    "like": "SELECT WatchID FROM records WHERE Title LIKE '_a%' OR Title LIKE '%\"%' OR Title ILIKE 'karelia'",
    "not like, with null": "SELECT COUNT(*) FROM records WHERE Title NOT LIKE 'a%'",
    "regular expressions": "SELECT COUNT(*) FROM records WHERE regexp_like(URL, 'https?://(www|news)')",
    "parts of dates": "SELECT WatchID, extract(year FROM EventDate), extract(month FROM EventTime), extract(day FROM EventDate), extract(hour FROM EventTime) FROM records",
    "days": "SELECT date_trunc('day', EventTime) AS d, COUNT(*) FROM records GROUP BY d ORDER BY d NULLS LAST",
    "intervals": "SELECT WatchID, EventTime + INTERVAL '1 day' FROM records WHERE EventTime > TIMESTAMP '2013-07-10 00:00:00'",
    "between and in": "SELECT COUNT(*) FROM records WHERE ClientIP BETWEEN 3 AND 9 AND CounterID IN (62, 7) AND RegionID NOT IN (1)",
    "nulls": "SELECT COUNT(*), COUNT(Title), COUNT(RegionID), SUM(CASE WHEN Title IS NULL THEN 1 ELSE 0 END), SUM(CASE WHEN Title = '' THEN 1 ELSE 0 END) FROM records",
    "arithmetic": "SELECT WatchID, ClientIP + 1, ClientIP * 2 - RegionID, ClientIP % 3, Load * 2, -Load, abs(Load), Price + 1, round(Load) FROM records",
    "roots and logarithms": "SELECT WatchID, sqrt(ClientIP), ln(ClientIP + 1), power(Load, 2), floor(Load), ceil(Load) FROM records",
    "greatest and least": "SELECT WatchID, greatest(ClientIP, RegionID), least(ClientIP, RegionID) FROM records WHERE RegionID IS NOT NULL",
    "large sums": "SELECT CounterID, SUM(WatchID % 1000000007) FROM records GROUP BY CounterID ORDER BY 1",
    "a sum of sums": "SELECT SUM(s) FROM (SELECT CounterID, SUM(ClientIP) AS s FROM records GROUP BY CounterID) t",
    "names in quotes": 'SELECT "WatchID" AS "the id", watchid AS ID FROM records',
    "group by a name": "SELECT upper(MobilePhoneModel) AS model, COUNT(*) FROM records GROUP BY model ORDER BY model NULLS LAST",
    "rollup": "SELECT CounterID, Paid, COUNT(*) FROM records GROUP BY ROLLUP (CounterID, Paid) ORDER BY 1 NULLS LAST, 2 NULLS LAST, 3",
    "texts of a group": "SELECT CounterID, MIN(Title), MAX(URL), COUNT(DISTINCT lower(Title)) FROM records GROUP BY CounterID ORDER BY 1",
    "true and false": "SELECT Paid, NOT Paid, Paid AND ClientIP > 3, Paid IS NULL, WatchID FROM records",
}

# In words of DuckDB where they are others.
IN_DUCKDB = {
    "regular expressions": "SELECT COUNT(*) FROM records WHERE regexp_matches(URL, 'https?://(www|news)')",
}

QUERIES = CLICKBENCH | OTHERS
