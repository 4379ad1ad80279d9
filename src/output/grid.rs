//! Tables of many rows: a row's cells are made when it is printed, so memory does not grow with the table.

use std::io::Write as _;

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};

use super::Out;
use super::escape::for_terminal;
use crate::error::Error;

/// Rows that are laid out at once.
const BLOCK: usize = 500;

/// A column of a table of `T`s.
pub struct Column<T> {
    /// Its name, in capitals.
    pub name: &'static str,
    /// Numbers, aligned to the right.
    pub numeric: bool,
    /// Left out when no row has it.
    pub optional: bool,
    /// A row's cell; `None` prints `-`.
    pub cell: fn(&T) -> Option<String>,
}

impl<T> Column<T> {
    /// A column of text.
    pub const fn text(name: &'static str, cell: fn(&T) -> Option<String>) -> Self {
        Self { name, numeric: false, optional: false, cell }
    }

    /// A column of numbers.
    pub const fn number(name: &'static str, cell: fn(&T) -> Option<String>) -> Self {
        Self { name, numeric: true, optional: false, cell }
    }

    /// The same, left out when no row has it.
    #[must_use]
    pub const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }
}

impl Out {
    /// Shows rows as a table.
    pub fn grid<T>(&mut self, columns: &[Column<T>], rows: &[T]) -> Result<(), Error> {
        let terminal = self.terminal;
        let widths = widths(columns, rows, terminal);
        let shown: Vec<(&Column<T>, u16)> =
            columns.iter().zip(widths).filter_map(|(column, width)| Some((column, width?))).collect();
        for (number, block) in rows.chunks(BLOCK).enumerate() {
            let text = lay_out(&shown, block, number == 0, terminal);
            self.writer.write_all(text.as_bytes())?;
            self.writer.write_all(b"\n")?;
        }
        if rows.is_empty() {
            let text = lay_out(&shown, rows, true, terminal);
            self.writer.write_all(text.as_bytes())?;
            self.writer.write_all(b"\n")?;
        }
        self.flush()
    }
}

fn shown_cell<T>(column: &Column<T>, row: &T, terminal: bool) -> Option<String> {
    let cell = (column.cell)(row)?;
    Some(if terminal { for_terminal(&cell).into_owned() } else { cell })
}

/// The width of each column; `None` for one that is left out.
fn widths<T>(columns: &[Column<T>], rows: &[T], terminal: bool) -> Vec<Option<u16>> {
    let mut widths: Vec<Option<usize>> =
        columns.iter().map(|column| (!column.optional).then_some(column.name.len())).collect();
    for row in rows {
        for (column, width) in columns.iter().zip(&mut widths) {
            if let Some(cell) = shown_cell(column, row, terminal) {
                let least = width.unwrap_or(column.name.len());
                *width = Some(least.max(cell.chars().count()));
            }
        }
    }
    let narrow = |width: usize| u16::try_from(width).unwrap_or(u16::MAX);
    widths.into_iter().map(|width| width.map(narrow)).collect()
}

fn lay_out<T>(columns: &[(&Column<T>, u16)], rows: &[T], header: bool, terminal: bool) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    if header {
        table.set_header(columns.iter().map(|(column, _)| column.name));
    }
    for row in rows {
        let cell = |column: &Column<T>| shown_cell(column, row, terminal).unwrap_or_else(|| "-".to_owned());
        table.add_row(columns.iter().map(|(column, _)| cell(column)));
    }
    for (drawn, (column, width)) in table.column_iter_mut().zip(columns) {
        drawn.set_padding((0, 2));
        // Every block has the widths of the whole; they count the padding.
        drawn.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(width.saturating_add(2))));
        if column.numeric {
            drawn.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column<(i64, Option<&'static str>)>] = &[
        Column::number("N", |row| Some(row.0.to_string())),
        Column::text("NAME", |row| row.1.map(str::to_owned)),
        Column::text("NEVER", |_| None).optional(),
    ];

    fn drawn(rows: &[(i64, Option<&'static str>)]) -> String {
        let shown: Vec<_> = COLUMNS.iter().zip(widths(COLUMNS, rows, false)).collect();
        let shown: Vec<_> = shown.into_iter().filter_map(|(column, width)| Some((column, width?))).collect();
        lay_out(&shown, rows, true, false)
    }

    #[test]
    fn numbers_stand_to_the_right_and_what_no_row_has_is_left_out() {
        assert_eq!(drawn(&[(7, Some("a")), (1200, None)]), "   N  NAME\n   7  a\n1200  -");
    }

    #[test]
    fn all_blocks_have_the_same_widths() {
        let rows: Vec<_> = (0..3).map(|n| (n * 1_000_000, None)).collect();
        let widths = widths(COLUMNS, &rows, false);
        let shown: Vec<_> =
            COLUMNS.iter().zip(widths).filter_map(|(column, width)| Some((column, width?))).collect();
        let whole = lay_out(&shown, &rows, true, false);
        let parts: Vec<_> = rows.iter().map(|row| lay_out(&shown, &[*row], false, false)).collect();
        assert_eq!(whole.lines().skip(1).collect::<Vec<_>>(), parts);
    }
}
