//! XML answers of AWS, walked element by element; attributes are passed over.

use aws_smithy_xml::decode::{Document, ScopedDecoder, try_data};

/// An element that is being read.
pub(super) type Element<'inp, 'a> = ScopedDecoder<'inp, 'a>;

/// Hands the root element of a document over. A document without one is none.
pub(super) fn read<T>(text: &str, root: impl FnOnce(Element<'_, '_>) -> T) -> Result<T, String> {
    let mut document = Document::new(text);
    document.root_element().map(root).map_err(|error| error.to_string())
}

/// Hands each element in another one over, with its name.
pub(super) fn each(mut element: Element<'_, '_>, mut child: impl FnMut(&str, Element<'_, '_>)) {
    while let Some(found) = element.next_tag() {
        let name = found.start_el().local().to_owned();
        child(&name, found);
    }
}

/// Returns the text of an element; nothing where it has elements.
pub(super) fn text(mut element: Element<'_, '_>) -> String {
    try_data(&mut element).map(|text| text.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_and_texts() {
        let document = "<a x=\"1\"><b>one &amp; two</b><c><d/></c><!-- b --><b></b></a>";
        let mut seen = Vec::new();
        read(document, |root| each(root, |name, element| seen.push((name.to_owned(), text(element))))).unwrap();
        let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        assert_eq!(seen, [pair("b", "one & two"), pair("c", ""), pair("b", "")]);
        assert!(read("no document", |_| ()).is_err());
    }
}
