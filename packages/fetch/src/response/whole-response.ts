/** A response with a whole answer. */
export function wholeResponse(answer: object, headers: Readonly<Record<string, string>>): Response {
  return new Response(JSON.stringify(answer), { headers: { "content-type": "application/json", ...headers } });
}
