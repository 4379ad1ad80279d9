//! Catalogues, fixtures and stories on disk: reads the files whose texts `model` parses.
//!
//! Beside a catalogue `FILE` are its schemas (as it names them), its fixtures (`events/**/*.json`) and its stories
//! (`stories/**/*.json`). Without a file, the compiled-in ones are used.

use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::model::catalogue::{Catalogue, builtin};
use crate::model::fixture::{Set, Source};

/// Folders in folders that are looked into; a link that leads back ends here.
const MAX_DEPTH: usize = 8;

/// The catalogue of a file (or of a folder with a `catalogue.toml`), or the built-in one.
pub fn catalogue(file: Option<&Path>) -> Result<Catalogue, Error> {
    let Some(file) = file else { return Catalogue::builtin() };
    let (file, text) = catalogue_text(file)?;
    Catalogue::parse(&file.display().to_string(), &text, &|schema| read(&beside(&file).join(schema)))
}

/// The same without refusing contradictions, and the catalogue's text: for a check that lists them all.
pub fn catalogue_unchecked(file: Option<&Path>) -> Result<(Catalogue, String, String), Error> {
    let Some(file) = file else {
        let name = builtin::path(builtin::CATALOGUE);
        return Ok((Catalogue::builtin()?, builtin::text(builtin::CATALOGUE)?.to_owned(), name));
    };
    let (file, text) = catalogue_text(file)?;
    let name = file.display().to_string();
    let parsed = Catalogue::parse_unchecked(&name, &text, &|schema| read(&beside(&file).join(schema)))?;
    Ok((parsed, text, name))
}

/// The fixtures and stories beside a catalogue file, or the built-in ones; the first thing wrong is the error.
pub fn fixtures(file: Option<&Path>, catalogue: &Catalogue) -> Result<Set, Error> {
    let (events, stories) = sources(file)?;
    Set::parse(catalogue, events, stories)
}

/// The texts of the fixtures and the stories beside a catalogue file, or the built-in ones.
pub fn sources(file: Option<&Path>) -> Result<(Vec<Source>, Vec<Source>), Error> {
    match file {
        None => Ok((builtin::below("events"), builtin::below("stories"))),
        Some(file) => {
            let folder = beside(&catalogue_path(file));
            Ok((below(&folder.join("events"))?, below(&folder.join("stories"))?))
        }
    }
}

/// A file's text; an input error says what is the matter with it.
pub fn read(path: &Path) -> Result<String, Error> {
    let bytes = std::fs::read(path)
        .map_err(|error| Error::input(format!("cannot read `{}`", path.display())).caused_by(error))?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Error::input(format!("`{}` is not UTF-8 at byte {at}", path.display()))
    })
}

/// The `.json` files in a folder and its folders, by path; none if there is no folder.
pub fn below(folder: &Path) -> Result<Vec<Source>, Error> {
    let mut paths = Vec::new();
    if folder.exists() {
        collect(folder, 0, &mut paths)?;
    }
    paths.sort();
    paths.into_iter().map(|path| Ok((path.display().to_string(), read(&path)?))).collect()
}

/// The catalogue's own path: a folder stands for the `catalogue.toml` in it.
pub fn catalogue_path(file: &Path) -> PathBuf {
    if file.is_dir() { file.join(builtin::CATALOGUE) } else { file.to_owned() }
}

fn catalogue_text(file: &Path) -> Result<(PathBuf, String), Error> {
    let file = catalogue_path(file);
    let text = read(&file)?;
    Ok((file, text))
}

fn beside(file: &Path) -> PathBuf {
    file.parent().map(Path::to_owned).unwrap_or_default()
}

fn collect(folder: &Path, depth: usize, paths: &mut Vec<PathBuf>) -> Result<(), Error> {
    let unreadable =
        |error| Error::input(format!("cannot read the folder `{}`", folder.display())).caused_by(error);
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_dir() {
            if depth < MAX_DEPTH {
                collect(&path, depth + 1, paths)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
    Ok(())
}
