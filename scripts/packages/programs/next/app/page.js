import { createRemem } from "remem";

export const dynamic = "force-dynamic";
const client = createRemem({ apiKey: "any" });

export default async function Page() {
  const { source } = await client.infer("What is the capital of Spain?");
  return <p>{source}</p>;
}
