import { createRemem, storeFromUrl } from "remem";

export const dynamic = "force-dynamic";
const client = createRemem({ apiKey: "any" });

export async function GET() {
  const { source } = await client.infer("What is the capital of France?");
  await storeFromUrl("redis://localhost").close();
  return new Response(source);
}
