// Opens so many connections to a port, and says when all are open, and when all have been closed.
import { once } from "node:events";
import { connect } from "node:net";

const [port, count] = process.argv.slice(2).map(Number);
const closed = [];
for (let begun = 0; begun < count; begun += 500) {
  const some = Array.from({ length: 500 }, () => connect(port, "127.0.0.1"));
  closed.push(...some.map((socket) => once(socket.resume(), "close")));
  await Promise.all(some.map((socket) => once(socket, "connect")));
}
process.send("open");
await Promise.all(closed);
process.send("closed");
process.disconnect();
