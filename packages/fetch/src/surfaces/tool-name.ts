/** Names a tool by its type, for a reason. A type that is not a name stays out of it. */
export function toolName(type: unknown): string {
  return typeof type === "string" && /^[\w.-]{1,64}$/.test(type) ? `tool ${type}` : "unknown tool";
}
