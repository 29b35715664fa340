/** What callers of a gateway need to know. */
export interface Announcement {
  readonly url: string;
  /** They lead clients to it. */
  readonly variables: Readonly<Record<string, string>>;
  /** Those who may use it. Undefined where every program of this machine may. */
  readonly tenants: readonly string[] | undefined;
}

/** Prints that a gateway listens, and variables for a shell. */
export function announce({ url, variables, tenants }: Announcement, who: string): void {
  const whose = tenants === undefined ? "" : `, each with its token as the API key (${tenants.join(", ")})`;
  console.error(`remem: ${who} on ${url}; for clients in another shell${whose}:`);
  for (const [name, value] of Object.entries(variables)) console.log(`export ${name}=${value}`);
}
