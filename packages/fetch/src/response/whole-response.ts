const texts = new WeakMap<Response, string>();

/** A response with a whole answer. */
export function wholeResponse(answer: object, headers: Readonly<Record<string, string>>): Response {
  const text = JSON.stringify(answer);
  const response = new Response(text, { headers: { "content-type": "application/json", ...headers } });
  return rememberingText(response, text);
}

/** The same response, whose body is known to be this text. */
export function rememberingText(response: Response, text: string): Response {
  texts.set(response, text);
  return response;
}

/** The body of such a response. To read it as a stream takes longer than to find the answer. */
export function wholeTextOf(response: Response): string | undefined {
  return texts.get(response);
}
