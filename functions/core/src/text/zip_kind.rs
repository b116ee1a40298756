//! The one table of files that are zip archives and not compressed text.

/// Names in the archive, all of which must be there, and the kind of file.
const TABLE: [(&[&str], &str); 9] = [
    (&["[Content_Types].xml", "xl/"], "an Excel workbook"),
    (&["[Content_Types].xml", "word/"], "a Microsoft Word document"),
    (&["[Content_Types].xml", "ppt/"], "a Microsoft PowerPoint presentation"),
    (&["[Content_Types].xml"], "a Microsoft Office file"),
    (&["mimetype", "content.xml"], "an OpenDocument file"),
    (&["mimetypeapplication/vnd.oasis"], "an OpenDocument file"),
    (&["mimetype", "META-INF/container.xml"], "an EPUB book"),
    (&["AndroidManifest.xml"], "an Android application"),
    (&["META-INF/MANIFEST.MF"], "a Java archive"),
];

/// Finds the kind of file that a zip archive is; `None` for an archive of files. `holds` tells whether
/// a name, or a folder that ends in `/`, is in it.
pub fn zip_kind(holds: impl Fn(&str) -> bool) -> Option<&'static str> {
    TABLE.iter().find(|(names, _)| names.iter().all(|name| holds(name))).map(|(_, kind)| *kind)
}
