/**
 * Rows of one noun. Numbers are right-aligned and of equal width, so that columns of them can be compared; on a narrow
 * screen rows stack (see globals.css) and nothing overflows the page.
 */
import type { ReactNode } from "react";

export interface Column<Row> {
  /** Also the name of the value where rows are stacked. */
  header: string;
  cell: (row: Row) => ReactNode;
  align?: "right";
  /** Takes a line of its own where rows are stacked. */
  wide?: true;
  /** Width in CSS; columns without one share what is left. */
  width?: string;
}

export function Table<Row>({
  caption,
  columns,
  rows,
  rowKey,
}: {
  /** What the table lists, for screen readers. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
}) {
  return (
    <div className="overflow-x-auto">
      <table className="data-table">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ header, align, width }) => (
              <th key={header} scope="col" data-align={align} style={width ? { width } : undefined}>
                {header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map(({ header, cell, align, wide }) => (
                <td key={header} data-label={header} data-align={align} data-wide={wide}>
                  <span className="cell">{cell(row)}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
