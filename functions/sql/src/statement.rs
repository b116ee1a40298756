//! The statement of a query: parsed, refused where it can't be one over the records, and with its names resolved.
//!
//! Names without quotes are those of columns in any case: first the column of that very name, then the only one that
//! differs in case alone, then a name that the query gives itself, then `_1`, `_2` as columns by their place. Names in
//! quotes stand as they are.

use std::collections::HashSet;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, GroupByExpr, Ident, ObjectName, Query, Select, SelectItem, SetExpr, Statement, TableFactor, Value, VisitMut,
    VisitorMut,
};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;
use datafusion::sql::sqlparser::tokenizer::Tokenizer;

use crate::error::{QueryError, closest};
use crate::select::{self, Path, as_text, plain_tokens, text_of, widest};

/// The names of the table of the records.
pub(crate) const TABLES: [&str; 2] = ["records", "s3object"];

/// Bytes that a query may have.
const LONGEST: usize = 64 << 10;

/// Parses a query over columns of these names.
///
/// # Errors
///
/// [`QueryError`] where it is no query, or one that can't be run over the records in one pass.
pub(crate) fn parse(query: &str, columns: &[String]) -> Result<Statement, QueryError> {
    if query.len() > LONGEST {
        return Err(QueryError::Refused(format!("it has {} bytes, at most {LONGEST} are possible", query.len())));
    }
    let dialect = GenericDialect {};
    let tokens = Tokenizer::new(&dialect, query)
        .tokenize_with_location()
        .map_err(|error| QueryError::Syntax(error.to_string()))?;
    let mut parser = Parser::new(&dialect).with_tokens_with_locations(plain_tokens(tokens, columns)?);
    let syntax = |error: datafusion::sql::sqlparser::parser::ParserError| QueryError::Syntax(plain(&error.to_string()));
    let mut statements = parser.parse_statements().map_err(syntax)?;
    let (statement, more) = (statements.pop(), statements.len());
    let mut statement = match statement {
        None => return Err(QueryError::Refused("it is empty".to_owned())),
        Some(_) if more > 0 => return Err(QueryError::Refused(format!("it has {} statements", more + 1))),
        Some(statement @ Statement::Query(_)) => statement,
        Some(other) => {
            let text = other.to_string();
            let verb = text.split_whitespace().next().unwrap_or_default();
            return Err(QueryError::Refused(format!("{verb} is no query: a query begins with SELECT or WITH")));
        }
    };
    let mut names = Names { columns, given: HashSet::new(), tables: HashSet::new(), is_of_select: false };
    if let ControlFlow::Break(error) = statement.visit(&mut names) {
        return Err(error);
    }
    Ok(statement)
}

/// A message of the parser without the words that say whose it is.
fn plain(message: &str) -> String {
    message.trim_start_matches("sql parser error: ").to_owned()
}

type Flow = ControlFlow<QueryError>;

fn refuse(reason: &str) -> Flow {
    ControlFlow::Break(QueryError::Refused(reason.to_owned()))
}

/// The visitor that resolves names.
struct Names<'c> {
    columns: &'c [String],
    /// The names that the query gives to expressions, and the tables that it makes.
    given: HashSet<String>,
    tables: HashSet<String>,
    /// Tells whether the table is named as in S3 Select.
    is_of_select: bool,
}

impl Names<'_> {
    /// The column or given name that a name without quotes means.
    fn resolve(&self, name: &str) -> Option<String> {
        let exact = |column: &&String| column.as_str() == name;
        let mut alike = self.columns.iter().filter(|column| column.to_lowercase() == name.to_lowercase());
        let only = match (alike.next(), alike.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        };
        let given = || self.given.iter().find(|given| given.to_lowercase() == name.to_lowercase());
        let placed = || {
            let place: usize = name.strip_prefix('_')?.parse().ok()?;
            self.columns.get(place.checked_sub(1)?)
        };
        self.columns.iter().find(exact).or(only).or_else(given).or_else(placed).cloned()
    }

    /// Puts the meant name in the place of one without quotes.
    fn settle(&self, ident: &mut Ident) {
        if ident.quote_style.is_none()
            && let Some(name) = self.resolve(&ident.value)
        {
            ident.value = name;
            ident.quote_style = Some('"');
        }
    }

    fn check_select(&mut self, select: &Select) -> Flow {
        if select.from.is_empty() {
            return refuse("it has no FROM: the records are the table records");
        }
        if select.from.len() > 1 || select.from.iter().any(|table| !table.joins.is_empty()) {
            return refuse("a join needs a second table, or a second pass over the records");
        }
        if select.into.is_some() {
            return refuse("SELECT INTO writes a table");
        }
        if select.qualify.is_some() || !select.named_window.is_empty() {
            return refuse(WINDOW);
        }
        if !select.lateral_views.is_empty() {
            return refuse("LATERAL VIEW is not known");
        }
        ControlFlow::Continue(())
    }
}

const WINDOW: &str = "a window function needs all rows before and after a record: a chunk has only its own";

impl VisitorMut for Names<'_> {
    type Break = QueryError;

    fn pre_visit_query(&mut self, query: &mut Query) -> Flow {
        if let Some(with) = &query.with {
            if with.recursive {
                return refuse("WITH RECURSIVE needs many passes over the records");
            }
            self.tables.extend(with.cte_tables.iter().map(|table| table.alias.name.value.to_lowercase()));
        }
        match &*query.body {
            SetExpr::SetOperation { op, .. } => {
                ControlFlow::Break(QueryError::Refused(format!("{op} needs a second pass over the records")))
            }
            SetExpr::Values(_) => refuse("VALUES reads no record"),
            SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) | SetExpr::Table(_) => {
                refuse("it is no SELECT")
            }
            SetExpr::Select(_) | SetExpr::Query(_) => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> Flow {
        self.check_select(select)?;
        self.take_tables(select);
        for item in &mut select.projection {
            if let SelectItem::UnnamedExpr(expr) = item
                && let Some(path) = select::path(expr)
                && self.field(&path).is_some()
                && let Some(name) = path.last()
            {
                let alias = Ident::with_quote('"', name);
                *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias };
            }
        }
        for item in &mut select.projection {
            if let SelectItem::ExprWithAlias { alias, .. } = item {
                if alias.quote_style.is_none() {
                    // A name as that of a column is that name.
                    let alike = self.columns.iter().find(|column| column.to_lowercase() == alias.value.to_lowercase());
                    alias.value = alike.cloned().unwrap_or_else(|| alias.value.clone());
                    alias.quote_style = Some('"');
                }
                self.given.insert(alias.value.clone());
            }
        }
        // GROUP BY a place or a name of the query are resolved by the planner.
        if let GroupByExpr::All(_) = &select.group_by {
            return ControlFlow::Continue(());
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, table: &mut TableFactor) -> Flow {
        match table {
            TableFactor::Table { name, args: None, sample: None, version: None, .. } => self.check_table(name),
            TableFactor::Table { name, args: Some(_), .. } | TableFactor::Function { name, .. } => ControlFlow::Break(
                QueryError::Refused(format!("{name}(…) is a table function: the only table is records")),
            ),
            TableFactor::Derived { lateral: false, sample: None, .. } => ControlFlow::Continue(()),
            other => ControlFlow::Break(QueryError::Refused(format!("FROM {other}: the only table is records"))),
        }
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> Flow {
        if let Some(text) = text_of(expr) {
            self.unquote(text);
            as_text(text);
        }
        if let Some(path) = select::path(expr)
            && let Some(meant) = self.field(&path)
        {
            *expr = meant;
        }
        let meant = match expr {
            Expr::Identifier(ident) => match select::moment(ident, self.columns) {
                Some(moment) => Some(moment?),
                None => {
                    self.settle(ident);
                    None
                }
            },
            Expr::CompoundIdentifier(idents) => {
                if let Some(ident) = idents.last_mut() {
                    self.settle(ident);
                }
                None
            }
            Expr::Function(function) if function.over.is_some() => return refuse(WINDOW),
            Expr::Function(_) => select::function(expr)?,
            Expr::Extract { field, expr, .. } => select::extract(field, expr)?,
            Expr::Cast { data_type, expr, .. } => {
                widest(data_type);
                select::time(data_type, expr)?
            }
            Expr::TypedString(typed) => {
                widest(&mut typed.data_type);
                None
            }
            Expr::Like { pattern, escape_char, .. } | Expr::ILike { pattern, escape_char, .. } => {
                select::escape(pattern, escape_char);
                None
            }
            Expr::Subquery(_) | Expr::InSubquery { .. } | Expr::Exists { .. } => {
                return refuse("a subquery in an expression needs a second pass over the records");
            }
            _ => None,
        };
        if let Some(meant) = meant {
            *expr = meant;
        }
        ControlFlow::Continue(())
    }
}

impl Names<'_> {
    /// Takes the names of the tables of a `FROM`.
    fn take_tables(&mut self, select: &Select) {
        for table in &select.from {
            if let TableFactor::Table { name, alias, .. } = &table.relation {
                self.is_of_select |= name.to_string().eq_ignore_ascii_case(TABLES[1]);
                self.tables.extend(alias.iter().map(|alias| alias.name.value.to_lowercase()));
            }
            if let TableFactor::Derived { alias: Some(alias), .. } = &table.relation {
                self.tables.insert(alias.name.value.to_lowercase());
            }
        }
    }

    /// The expression that a path into a column's JSON means; `None` where it is no such path.
    fn field(&self, path: &Path) -> Option<Expr> {
        let (first, rest) = path.names.split_first()?;
        let is_table = |ident: &Ident| {
            let name = ident.value.to_lowercase();
            TABLES.contains(&name.as_str()) || self.tables.contains(&name)
        };
        // `_1.name` is the name of a record, where there is one.
        let is_record = |ident: &Ident| ident.value == "_1" && rest.first().is_some_and(|next| self.is_column(next));
        let (table, column, fields) = match rest.split_first() {
            Some((column, fields)) if is_table(first) => (Some(first.clone()), column, fields),
            Some((column, fields)) if is_record(first) => {
                if fields.is_empty() && !path.has_steps() {
                    return Some(Expr::Identifier(column.clone()));
                }
                (None, column, fields)
            }
            _ => (None, first, rest),
        };
        if (fields.is_empty() && !path.has_steps()) || !self.is_column(column) {
            return None;
        }
        let mut column = column.clone();
        self.settle(&mut column);
        Some(path.to_expr(table, column, fields))
    }

    /// Tells whether a name is that of a column.
    fn is_column(&self, ident: &Ident) -> bool {
        match ident.quote_style {
            None => self.resolve(&ident.value).is_some(),
            Some(_) => self.columns.contains(&ident.value),
        }
    }

    /// Makes a text of a name in quotes that no column is near to: AWS's documentation writes texts so.
    fn unquote(&self, expr: &mut Expr) {
        if let Expr::Identifier(ident) = expr
            && ident.quote_style == Some('"')
            && self.is_of_select
            && !self.given.contains(&ident.value)
            && closest(&ident.value, self.columns).is_none()
        {
            *expr = Expr::value(Value::SingleQuotedString(ident.value.clone()));
        }
    }

    fn check_table(&mut self, name: &ObjectName) -> Flow {
        let text = name.to_string().replace('"', "").to_lowercase();
        if TABLES.contains(&text.as_str()) || self.tables.contains(&text) {
            return ControlFlow::Continue(());
        }
        ControlFlow::Break(QueryError::Refused(format!("there is no table {name}: the records are the table records")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(query: &str) -> Result<String, QueryError> {
        let columns = ["id", "Name", "order total", "a", "A"].map(str::to_owned);
        parse(query, &columns).map(|statement| statement.to_string())
    }

    #[test]
    fn names_are_resolved() {
        let table = [
            ("SELECT ID, name FROM records", r#"SELECT "id", "Name" FROM records"#),
            ("SELECT s._2, s.\"order total\" FROM S3Object s", r#"SELECT s."Name", s."order total" FROM S3Object s"#),
            ("SELECT * FROM s3object[*] s WHERE s.a = 'a'", r#"SELECT * FROM s3object s WHERE s."a" = 'a'"#),
            ("SELECT a, A FROM records", r#"SELECT "a", "A" FROM records"#),
            (
                "SELECT upper(name) AS NAME, count(*) AS Total FROM records GROUP BY 1 ORDER BY total",
                r#"SELECT upper(CAST("Name" AS VARCHAR)) AS "Name", count(*) AS "Total" FROM records GROUP BY 1 ORDER BY "Total""#,
            ),
            ("SELECT nothing FROM records", "SELECT nothing FROM records"),
        ];
        for (query, expected) in table {
            assert_eq!(parsed(query).unwrap(), expected, "{query}");
        }
    }

    #[test]
    fn refusals_say_why() {
        let table = [
            ("", "empty"),
            ("SELECT 1 FROM records; SELECT 2 FROM records", "2 statements"),
            ("DELETE FROM records", "DELETE is no query"),
            ("COPY records TO 'x'", "COPY is no query"),
            ("SELECT 1", "no FROM"),
            ("SELECT * FROM orders", "there is no table orders"),
            ("SELECT * FROM records a, records b", "a join"),
            ("SELECT * FROM records JOIN records b ON true", "a join"),
            ("SELECT * FROM read_csv('/etc/passwd')", "table function"),
            ("SELECT * FROM 'file.csv'", "there is no table"),
            ("SELECT id, row_number() OVER () FROM records", "window function"),
            ("SELECT id FROM records UNION ALL SELECT id FROM records", "UNION"),
            ("SELECT id FROM records WHERE id IN (SELECT id FROM records)", "second pass"),
            ("SELECT id FROM records WHERE EXISTS (SELECT 1 FROM records)", "second pass"),
            ("SELECT (SELECT max(id) FROM records) FROM records", "second pass"),
            ("WITH RECURSIVE t AS (SELECT 1 FROM records) SELECT * FROM t", "RECURSIVE"),
            ("VALUES (1)", "no record"),
            ("SELECT id FROM records WHERE", "Expected"),
            ("SELECT 'x FROM records", "Unterminated"),
        ];
        for (query, expected) in table {
            let error = parsed(query).unwrap_err().to_string();
            assert!(error.contains(expected), "{query}: {error}");
        }
    }
}
