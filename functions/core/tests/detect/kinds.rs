//! Detection on kinds of files, one table of cases for each thing that is detected.

use super::{read, summary};

fn check(table: &[(&str, &str, &str)]) {
    let mut wrong = Vec::new();
    for (case, text, expected) in table {
        let found = summary(&read(text.as_bytes()));
        if found != *expected {
            wrong.push(format!("{case}: found {found:?}, expected {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), table.len(), wrong.join("\n"));
}

#[test]
fn delimiters() {
    check(&[
        ("comma", "a,b\n1,2\n3,4\n", ", 2"),
        ("semicolon", "id;name\n1;Anna\n2;Bert\n", "; 2"),
        ("decimal commas", "1001;Anna;1,50\n1002;Bert;2,75\n1003;Cara;3,10\n", "; 3 header None"),
        ("decimal commas only", "a;b\n1,5;2,5\n3,25;4,5\n", "; 2"),
        ("decimal commas without a header", "1,5;2,5\n3,5;4,5\n1,0;2,0\n", "; 2 header None"),
        ("one column of decimal commas", "value\n1,5\n2,5\n3,25\n", "one"),
        ("tab", "a\tb\n1\tx, y\n2\tz\n", "\\t 2"),
        ("tab with commas", "t\tx\ty\n0.0\t1,5\ta;b\n0.1\t2,5\tc;d\n", "\\t 3"),
        ("pipe", "a|b|c\n1|2|x,y\n3|4|z,w\n", "| 3"),
        ("caret", "a^b^c\n1^2^x y\n3^4^z w\n", "^ 3"),
        ("tilde", "a~b~c\n1~2~x y\n3~4~z w\n", "~ 3"),
        (
            "colon",
            "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\nbin:x:2:2:bin:/bin:/bin/false\nsys:x:3:3:sys:/dev:/bin/false\nsync:x:4:4:sync:/bin:/bin/sync\n",
            ": 7 header None",
        ),
        ("space", "x y z\n1.0 2.0 3.0\n1.5 2.5 3.5\n2.0 3.0 4.0\n", "  3"),
        ("space with quotes", "\"a b\" \"c d\"\n\"e f\" \"g h\"\n\"i j\" \"k l\"\n", "  2"),
        ("0x01", "a\u{1}b\n1\u{1}x,y\n2\u{1}z,w\n", "\\u{1} 2"),
        ("0x1f", "a\u{1f}b\n1\u{1f}x,y\n2\u{1f}z,w\n", "\\u{1f} 2"),
        ("times", "time,x\n10:30:00,1\n10:31:00,2\n", ", 2"),
        ("one column of times", "10:30:00\n10:31:00\n10:32:00\n", "one header None"),
        (
            "one column of timestamps",
            "2024-01-01 10:30:00\n2024-01-02 10:31:00\n2024-01-03 00:00:00\n",
            "one header None",
        ),
        ("one column of URLs", "url\nhttps://example.com/a\nhttps://example.com/b\n", "one"),
        (
            "names of two words",
            "name\nJohn Smith\nJane Doe\nAda Lovelace\nAlan Turing\nGrace Hopper\nKurt Goedel\n",
            "one",
        ),
        (
            "names of two words without a header",
            "John Smith\nJane Doe\nAda Lovelace\nAlan Turing\nGrace Hopper\nKurt Goedel\n",
            "one",
        ),
        (
            "a log",
            &(0..9)
                .map(|at| format!("10.0.0.{at} - - [10/Oct/2000:13:55:0{at} -0700] \"GET /a HTTP/1.0\" 200 23\n"))
                .collect::<String>(),
            "one header None",
        ),
        ("house numbers", "12 Main\n14 Elm\n16 Oak\n", "one header None"),
        ("ratios", "ratio\n1:2\n3:4\n", "one"),
        ("words", "word\nalpha\nbeta\n", "one"),
        ("numbers", "n\n1\n2\n", "one"),
        ("numbers without a header", "1\n2\n3\n", "one header None"),
        ("text with commas in a column of tabs", "id\ttext\n1\tone, two\n2\tthree, four, five\n3\tsix\n", "\\t 2"),
        ("JSON in a field", "id;json\n1;{\"a\":1,\"b\":2}\n2;{\"a\":3,\"b\":4}\n", "; 2"),
        ("quoted JSON", "key,val\n1,\"{\"\"type\"\": \"\"Point\"\", \"\"c\"\": [1.0, 0.5]}\"\n", ", 2"),
        ("URLs with all that", "id,url\n1,http://x.org/a;b|c:80\n2,http://x.org/d;e|f:80\n", ", 2"),
        ("triples between tabs", &triples(), "\\t 6 header None"),
        ("more columns win", "a;b,c;d\ne;f,g;h\ni;j,k;l\n", "; 3"),
        ("ragged, two of a hundred", &ragged(), "; 3"),
        ("prices", "item,price\nbread,\"$1,200.50\"\nmilk,\"$2,300.75\"\n", ", 2"),
        ("two-character pipe", "a||b||c\n1||2||3\n4||5||6\n", LONG_PIPE),
    ]);
}

const LONG_PIPE: &str =
    "refused: the fields are separated by \"||\" in 3 of 3 lines: a delimiter must be one ASCII character";

/// Colours after a file's name, and a tab at the end of each line.
fn triples() -> String {
    (0..9).map(|at| format!("19{at}_0.jpg\t51,4{at},45\t87,88,{at}\t110,112,11{at}\t7,8,{at}\t\n")).collect()
}

fn ragged() -> String {
    let mut text = "id;name;amount\n".to_owned();
    for at in 0..100 {
        text += &if at % 50 == 7 { format!("{at};Kunde {at}\n") } else { format!("{at};Kunde {at};{at},50\n") };
    }
    text
}

#[test]
fn quotes_and_escapes() {
    let mut stray = "id,name,n\n".to_owned();
    for at in 0..200 {
        stray += &if at % 90 == 20 { format!("{at},\"MEGA store,5\n") } else { format!("{at},item {at},{at}\n") };
    }
    check(&[
        ("single", "'a','b'\n'x, y',1\n'it''s',2\n", ", 2 quote \\'"),
        ("apostrophes", "a,b\nit's,1\ndon't,2\n'tis,3\n", ", 2"),
        ("stray quotes", &stray, ", 3 quote none"),
        ("stray quotes in one column", "remark\n\"odd\nplain\nmore\n", "one quote none"),
        ("commas inside quotes only", "comment\n\"a, b\"\n\"c, d\"\n\"e\"\n", "one"),
        ("inches", "id\tsize\n1\t5\"\n2\t7\"\n3\t\"odd\n", "\\t 2 quote none"),
        ("backslash", "id,remark\n1,\"say \\\"hi\\\", then go\"\n2,\"plain\"\n", ", 2 escape"),
        ("Windows path", "id,path\n1,\"C:\\dir\\\"\n2,\"D:\\x\\\"\n", ", 2"),
        ("backslash outside quotes", "1|a\\|b|x\n2|c|y\n3|d\\|e|z\n", "| 3 escape outside header None"),
        ("backslash before line breaks", "1\ta\\\nb\tx\n2\tc\ty\n3\td\tz\n", "\\t 3 escape outside header None"),
        ("blank before quotes", "a, b, c\n1, \"x, y\", 2\n3, \"z\", 4\n", ", 3 blanks"),
        ("blank before the quote of a name", "\"a\", \"b\"\n\"x, y\", 1\n\"z\", 2\n", ", 2 blanks"),
        (
            "few single quotes",
            "name_0,name_1,name_2\n'535,26',292098,859343\n'309,57',402734,652012\n'422,61',671125,532443\n",
            ", 3 quote \\'",
        ),
        ("quoted line breaks", "a,b\n\"x\ny\",1\n\"z\n\nw\",2\n", ", 2"),
        ("a quoted table", "id,csv\n1,\"x;y\nz;w\nu;v\"\n2,\"p;q\"\n", ", 2"),
    ]);
}

#[test]
fn terminators() {
    check(&[
        ("CRLF", "a,b\r\n1,2\r\n", ", 2"),
        ("CR", "a,b\r1,2\r3,4\r", ", 2 Cr"),
        ("CR with LF inside quotes", "id,a\r1,\"x\ny\"\r2,z\r", ", 2 Cr"),
        ("CRLF with LF inside quotes", "id,a\r\n1,\"x\ny\"\r\n2,z\r\n", ", 2"),
        ("CRLF with LF in bare fields", "id,a,b\r\n1,x\ny,3\r\n2,z\nw,4\r\n3,u,5\r\n", ", 3 Crlf"),
        ("one LF among CRLF", "a,b\r\n1,2\n3,4\r\n5,6\r\n", ", 2"),
    ]);
}

#[test]
fn layouts() {
    check(&[
        ("sep= line", "sep=;\r\npart;width\r\nA-1;10\r\n", "; 2 skip 1"),
        (
            "title lines",
            "Created as a new dataset\nSample 022, measured 11 February 2017\nwavenumber,transmission\n4000.00,98.78\n3999.00,98.79\n",
            ", 2 skip 2",
        ),
        ("a title with a delimiter", "Report, 2024\nid,name,age\n1,Anna,30\n2,Bert,40\n", ", 3 skip 1"),
        ("padded title", "Water consumption,,\nTotal (m3),Per head,Cost\n\"44,761\",13.9,68\n", ", 3 skip 1"),
        ("padded titles", "Report,,\n,,\nid,name,age\n1,Anna,30\n2,Bert,40\n", ", 3 skip 2"),
        (
            "padded title with fields",
            "Report,,Date: 2024,\nid,name,age,city\n1,Anna,30,Rom\n2,Bert,40,Ulm\n",
            ", 4 skip 1",
        ),
        (
            "block before",
            "$$vehicle$\nlength=[4.010,15.000,4.210]\nwidth=[1.850,3.170,2.000]\n\ntime[s],x[m]_1,y[m]_1,x[m]_2,y[m]_2\n0.0,1.0,2.0,3.0,4.0\n0.1,1.1,2.1,3.1,4.1\n",
            ", 5 skip 4",
        ),
        ("blank lines first", "\n\na,b\n1,2\n", ", 2"),
        ("blank line after the title", "Title\n\na;b;c\n1;2;3\n", "; 3 skip 2"),
        ("footer", "region,units\nnorth,5\nsouth,7\n\n2 rows exported on 2024-01-31 by batch\n", ", 2"),
        ("comments", "# made by x\n# second\nid,a\n1,x\n2,y\n", ", 2 comment #"),
        ("comments between", "id,a\n1,x\n# note, with comma, and more\n2,y\n3,z\n", ", 2 comment #"),
        ("percent comments", "% made by x\n% second\nid;a\n1;x\n2;y\n", "; 2 comment %"),
        ("the last comment is the header", "# made by x\n#id,a\n1,x\n2,y\n", ", 2 skip 1"),
        ("the header begins with a number sign", "#id,a\n1,x\n2,y\n", ", 2"),
        ("hash tags", "tag,n\n#one,1\n#two,2\n#three,3\n", ", 2"),
        ("trailing delimiters", "a;b;c;\n1;2;3;\n4;5;6;\n", "; 3 trailing All"),
        ("trailing delimiters of records", "a,b,c\n1,4,7,\n2,5,8,\n", ", 3 trailing Records"),
        ("trailing delimiter of the header", "a,b,c,\n1,4,7\n2,5,8\n", ", 3 trailing Header"),
        ("an empty column with a name", "a,b,c\n1,2,\n3,4,\n", ", 3"),
        ("spanning header", ",2019,,2020,\ncountry,a,b,a,b\nDE,1,2,3,4\nFR,5,6,7,8\n", ", 5 header Joined"),
        ("spanning header with a gap", "name,sales,,\n,q1,q2,q3\nAnna,1,2,3\nBert,4,5,6\n", ", 4 header Joined"),
        ("R", "\"mpg\",\"cyl\"\n\"Mazda\",21.0,6\n\"Datsun\",22.8,4\n", ", 3 header Short"),
        ("trailing delimiters of most records", "a,b,c\n1,4,7,x\n2,5,8,\n3,6,9,\n4,7,1,\n", ", 3 trailing Records"),
        ("a title over a column of few values", "Report\na,b\n1,\n2,\n3,x\n4,\n", ", 2 skip 1"),
        ("a title of two over such a column", "Report, 2024\na,b,c\n1,2,\n2,3,\n3,4,x\n4,5,\n", ", 3 skip 1"),
        ("an empty name too many", "a,,b,c\n1,4,7\n2,5,8\n3,6,9\n", ", 3 header Gap"),
        ("an empty name too many, first", ",a,b\n1,4\n2,5\n3,6\n", ", 2 header Gap"),
        ("two tables, the second one wider", &two_tables("id,name,n,extra", ",x"), ", 3"),
        ("two tables, the second one narrower", &two_tables("id,name", ""), ", 3"),
    ]);
}

/// A table of three columns, and as many rows of another one below it.
fn two_tables(second: &str, ending: &str) -> String {
    let rows = |ending: &str, narrow: bool| -> String {
        let n = |at: usize| if narrow { String::new() } else { format!(",{at}") };
        (0..9).map(|at| format!("{at},item {at}{}{ending}\n", n(at))).collect()
    };
    format!("id,name,n\n{}{second}\n{}", rows("", false), rows(ending, ending.is_empty()))
}

#[test]
fn headers() {
    check(&[
        ("numbers below words", "id,n\n1,2\n3,4\n", ", 2"),
        ("numbers", "1,2\n3,4\n5,6\n", ", 2 header None"),
        ("years", "country,2019,2020\nDE,5,6\nFR,7,8\n", ", 3"),
        ("one year", "country,2019\nDE,5\nFR,7\n", ", 2"),
        ("a number like a year", "1780,item 36\n753462,\n974343,item 21\n662067,item 12\n", ", 2 header None"),
        ("one beside words that come again", "1980,red\n7,blue\n9,red\n8,blue\n", ", 2 header None"),
        ("years below years", "1,2019,2020\n2,2018,2017\n3,2015,2016\n", ", 3 header None"),
        ("mixed", "0.00,0,on\n0.01,0,on\n0.02,1,off\n", ", 3 header None"),
        ("words", "name,city\nAnna,Berlin\nBert,Paris\n", ", 2"),
        ("codes", "country,code\nGermany,DE\nFrance,FR\nItaly,IT\n", ", 2"),
        ("words that come again", "yes,red,Anna\nno,blue,Bert\nyes,red,Cara\nno,red,Dora\n", ", 3 header None"),
        ("one record", "1,2,3\n", ", 3 header None"),
        ("only a header", "a,b,c\n", ", 3"),
        ("no terminator", "a,b,c", ", 3"),
        ("an unnamed first column", ",a,b\n0,1,2\n1,3,4\n", ", 3"),
        ("dates", "2024-01-01,5\n2024-01-02,6\n", ", 2 header None"),
        (
            "file names",
            "1,ma2-aN.wav,ma,a,3.1459\n2,ma3-iN.wav,ma,i,1.6265\n3,ma1-iN.wav,ma,i,1.0473\n",
            ", 5 header None",
        ),
        ("ragged records below", "a,b,c\n1,27,,\"too long\"\n,\"too short\"\n0,mixed types,17\n", ", 3"),
        ("longer records below", "id,name,age\n1101,John\n1102,Julie,26,Potatoes\n", ", 3"),
        ("shorter records below", "a, b, c, d\n1:1, 2.5,\n1:2, 3.5,\n1:3, 4.5,\n", ", 4 blanks"),
        ("a shorter record below", "a,b,c,d\n1,2,3\n", ", 4"),
        ("quoted numbers over bare ones", "\"\",\"142.24\",\"144.78\"\n\"9.4\",1,2\n\"9.5\",3,4\n", ", 3"),
        ("codes of one form", "MG-8769,boots\nRI-3895,jacket\nCC-9259,pillow\n", ", 2 header None"),
        ("codes below a name", "name,x\nboots,MG-8769\njacket,RI-3895\n", ", 2"),
        ("an empty value below", "id,note\n1,\n2,\n", ", 2"),
    ]);
}

#[test]
fn other_kinds() {
    check(&[
        ("JSON lines", "{\"a\":1}\n{\"a\":2}\n", "json lines"),
        ("a bad first line", "not json\n{\"a\":1}\n{\"a\":2}\n", "json lines"),
        ("several on a line", "{\"id\":1}{\"id\":2}\n", "json lines"),
        ("blank", "\n\n\n", "refused: it has no record"),
        (
            "HTML",
            "<!DOCTYPE html>\n<html><body>a,b</body></html>\n",
            "refused: it is an HTML page: only CSV and JSON lines are read, convert it first",
        ),
    ]);
    let refused = |text: &[u8]| read(text).is_err();
    let nul = read(b"id\0,name\n1,2\n");
    assert!(nul.is_err(), "{}", summary(&nul));
    let lorem = "Lorem ipsum dolor, sit amet.\nSed do eiusmod, ut labore.\nUt enim ad minim, quis nostrud.\n";
    assert!(refused(lorem.as_bytes()), "{}", summary(&read(lorem.as_bytes())));
    let prose = "Dear reader, this is a letter, and no table at all.\nIt has lines; some of them, like this one, have commas, and many of them.\n\nOthers have none.\nThe end, then.\nBut not yet, as, you, see, it, goes, on.\nAnd on it goes.\nA, b and c, d.\nYes, it is, so.\nNo.\n";
    assert!(refused(prose.as_bytes()), "{:?}", read(prose.as_bytes()).map(|found| summary(&Ok(found))));
}
