/** The data that callers of a gateway need. */
export interface Announcement {
  readonly url: string;
  /** The variables that lead clients to it. */
  readonly variables: Readonly<Record<string, string>>;
  /** The tenants. Undefined if every program of this machine may use it. */
  readonly tenants: readonly string[] | undefined;
}

/** Prints that a gateway listens, and variables for a shell. */
export function announce({ url, variables, tenants }: Announcement, who: string): void {
  const whose = tenants === undefined ? "" : `, each with its token as the API key (${tenants.join(", ")})`;
  console.error(`remem: ${who} on ${url}; for clients in another shell${whose}:`);
  for (const [name, value] of Object.entries(variables)) console.log(`export ${name}=${value}`);
}
