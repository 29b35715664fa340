/** The status of the server's response, if the server has sent one. */
export function statusOf(error: object): number | undefined {
  return "status" in error && typeof error.status === "number" ? error.status : undefined;
}
