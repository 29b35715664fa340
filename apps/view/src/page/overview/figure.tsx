import type { ComponentChildren, JSX } from "preact";

interface FigureProps {
  readonly name: string;
  readonly value: string;
  readonly children?: ComponentChildren;
}

/** A prominent number. */
export function Figure({ name, value, children }: FigureProps): JSX.Element {
  return (
    <div class="figure">
      <dt>{name}</dt>
      <dd>
        <b>{value}</b>
        {children && <span class="note">{children}</span>}
      </dd>
    </div>
  );
}

interface BarsProps {
  readonly title: string;
  /** The heads of the columns of figures. */
  readonly heads: readonly string[];
  readonly rows: ReadonlyArray<{ readonly name: string; readonly share: number; readonly figures: readonly string[] }>;
}

/** A table with a bar for each line. */
export function Bars({ title, heads, rows }: BarsProps): JSX.Element | null {
  if (rows.length === 0) return null;
  return (
    <div class="table-frame">
      <table class="bars">
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            {heads.map((head) => (
              <th key={head} scope="col" class="figure-cell">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, share, figures }) => (
            <tr key={name}>
              <th scope="row">
                <span class="bar-name">{name}</span>
                <meter min={0} max={1} value={share} aria-label={`Share of ${name}`} />
              </th>
              {figures.map((figure, index) => (
                <td key={index} class="figure-cell">
                  {figure}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
