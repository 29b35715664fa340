// A server that answers the questions of the workload immediately: as chat completions, or as Anthropic's messages.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { onTheWire } from "../contestants/over-fetch/model-fetch.ts";
import { createWorkload, indexOf } from "../workload.ts";

const { completion } = createWorkload(JSON.parse(process.argv[2]!));

const server = createServer(async (incoming, outgoing) => {
  const request = JSON.parse(await text(incoming));
  const answer = onTheWire(incoming.url!, completion(indexOf(request)));
  outgoing.setHeader("content-type", "application/json").end(JSON.stringify(answer));
});
server.listen(0, "127.0.0.1", () => {
  process.send!(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
});
process.on("disconnect", () => process.exit());
