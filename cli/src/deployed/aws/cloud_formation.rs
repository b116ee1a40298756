//! CloudFormation: stacks with their parameters and outputs, and the names of their resources.

use std::collections::BTreeMap;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::client::{CLOUD_FORMATION, Client};
use super::xml::{Element, each, read, text};
use crate::deployed::DeployedError;

/// A stack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::deployed) struct StackAnswer {
    pub(in crate::deployed) name: String,
    pub(in crate::deployed) outputs: BTreeMap<String, String>,
    pub(in crate::deployed) parameters: BTreeMap<String, String>,
}

/// A page of an answer, and the token of the next one.
#[derive(Debug, PartialEq, Eq)]
struct Page<T> {
    found: Vec<T>,
    next: Option<String>,
}

/// Returns a stack, or all of them.
pub(in crate::deployed) async fn stacks(
    client: &Client,
    name: Option<&str>,
) -> Result<Vec<StackAnswer>, DeployedError> {
    let named: Vec<_> = name.iter().map(|name| ("StackName", *name)).collect();
    pages(client, "DescribeStacks", &named, stacks_of).await
}

/// Returns the names of a stack's resources, as it calls them, and as AWS does.
pub(in crate::deployed) async fn resources(
    client: &Client,
    stack: &str,
) -> Result<BTreeMap<String, String>, DeployedError> {
    let found = pages(client, "ListStackResources", &[("StackName", stack)], resources_of).await?;
    Ok(found.into_iter().collect())
}

async fn pages<T>(
    client: &Client,
    action: &'static str,
    parameters: &[(&str, &str)],
    read: impl Fn(&str) -> Result<Page<T>, String>,
) -> Result<Vec<T>, DeployedError> {
    let mut found = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let token = next.iter().map(|token| ("NextToken", token.as_str()));
        let all = [("Action", action), ("Version", "2010-05-15")].into_iter();
        let body = form(all.chain(parameters.iter().copied()).chain(token));
        let answer = client.query(CLOUD_FORMATION, action, body).await?;
        let page = read(&answer).map_err(|reason| DeployedError::unavailable("cloudformation", action, reason))?;
        found.extend(page.found);
        next = page.next.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(found);
        }
    }
}

/// Parameters as a form is sent.
fn form<'p>(parameters: impl Iterator<Item = (&'p str, &'p str)>) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    parameters.map(|(name, value)| format!("{name}={}", encoded(value))).collect::<Vec<_>>().join("&")
}

fn stacks_of(answer: &str) -> Result<Page<StackAnswer>, String> {
    page(answer, "Stacks", |member| {
        let mut stack = StackAnswer::default();
        each(member, |name, element| match name {
            "StackName" => stack.name = text(element),
            "Outputs" => stack.outputs = pairs(element, "OutputKey", "OutputValue"),
            "Parameters" => stack.parameters = pairs(element, "ParameterKey", "ParameterValue"),
            _ => {}
        });
        stack
    })
}

fn resources_of(answer: &str) -> Result<Page<(String, String)>, String> {
    page(answer, "StackResourceSummaries", |member| pair(member, "LogicalResourceId", "PhysicalResourceId"))
}

/// Reads the members of the list of that name, which is in the result of an answer.
fn page<T>(answer: &str, list: &str, member: impl Fn(Element<'_, '_>) -> T) -> Result<Page<T>, String> {
    let mut page = Page { found: Vec::new(), next: None };
    read(answer, |root| {
        each(root, |name, result| {
            if name.ends_with("Result") {
                each(result, |name, element| match name {
                    "NextToken" => page.next = Some(text(element)),
                    name if name == list => each(element, |_, found| page.found.push(member(found))),
                    _ => {}
                });
            }
        });
    })?;
    Ok(page)
}

fn pairs(list: Element<'_, '_>, key: &str, value: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    each(list, |_, member| found.extend([pair(member, key, value)]));
    found
}

fn pair(member: Element<'_, '_>, key: &str, value: &str) -> (String, String) {
    let (mut first, mut second) = (String::new(), String::new());
    each(member, |name, element| match name {
        name if name == key => first = text(element),
        name if name == value => second = text(element),
        _ => {}
    });
    (first, second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stacks_with_outputs_and_parameters() {
        let answer = r#"<?xml version="1.0"?>
            <DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult>
              <Stacks><member><StackName>fanout</StackName><Tags/>
                <Parameters><member><ParameterKey>Prices</ParameterKey><ParameterValue></ParameterValue></member></Parameters>
                <Outputs>
                  <member><OutputKey>ResultsBucket</OutputKey><OutputValue>fanout-results</OutputValue></member>
                  <member><OutputValue>a &amp; b</OutputValue><Description>…</Description><OutputKey>Odd</OutputKey></member>
                </Outputs></member></Stacks><NextToken>more</NextToken>
            </DescribeStacksResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></DescribeStacksResponse>"#;
        let Page { found, next } = stacks_of(answer).unwrap();
        assert_eq!((found.len(), found[0].name.as_str(), next.as_deref()), (1, "fanout", Some("more")));
        assert_eq!(found[0].outputs["ResultsBucket"], "fanout-results");
        assert_eq!(found[0].outputs["Odd"], "a & b");
        assert_eq!(found[0].parameters["Prices"], "");
    }

    #[test]
    fn resources_by_their_names() {
        let answer = "<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries>\
            <member><LogicalResourceId>PlannerLogs</LogicalResourceId><PhysicalResourceId>logs-1</PhysicalResourceId></member>\
            </StackResourceSummaries></ListStackResourcesResult></ListStackResourcesResponse>";
        let expected = Page { found: vec![("PlannerLogs".to_owned(), "logs-1".to_owned())], next: None };
        assert_eq!(resources_of(answer), Ok(expected));
        assert_eq!(form([("Action", "A"), ("StackName", "a b&c")].into_iter()), "Action=A&StackName=a%20b%26c");
    }
}
