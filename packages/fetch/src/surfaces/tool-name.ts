/** Names the type of a tool in a reason, unless it is no name. */
export function toolName(type: unknown): string {
  return typeof type === "string" && /^[\w.-]{1,64}$/.test(type) ? `tool ${type}` : "unknown tool";
}
