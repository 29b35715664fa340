// Asks one question of the server at OPENAI_BASE_URL through the store at a URL, and prints where the answer came from. What the
// library throws, on import too, is printed.
try {
  const { createRemem } = await import("remem");
  const client = createRemem({ apiKey: "any", store: process.argv[2] });
  const { source } = await client.infer("What is the capital of France?");
  const again = await client.infer("What is the capital of France?");
  await client.close();
  console.log(source, again.source);
} catch ({ code, message }) {
  console.log(`${code}: ${message}`);
}
