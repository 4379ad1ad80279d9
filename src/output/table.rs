//! Tables for people: no lines, capitals on top, numbers to the right, `-` for unknown.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::View;
use super::escape::for_terminal;

/// The view as a table with a line break after each row; trailing blanks are trimmed.
pub fn render(view: &impl View, terminal: bool) -> String {
    let header = view.header();
    let rows = view.rows();
    let shown: Vec<usize> = (0..header.len())
        .filter(|&i| !view.optional().contains(&header[i]) || rows.iter().any(|row| row[i].is_some()))
        .collect();
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(shown.iter().map(|&i| header[i]));
    for row in &rows {
        table.add_row(shown.iter().map(|&i| match &row[i] {
            Some(cell) if terminal => for_terminal(cell).into_owned(),
            Some(cell) => cell.clone(),
            None => "-".to_owned(),
        }));
    }
    for (column, &i) in table.column_iter_mut().zip(&shown) {
        column.set_padding((0, 2));
        if view.numeric().contains(&header[i]) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut text = table.trim_fmt();
    text.push('\n');
    text
}
