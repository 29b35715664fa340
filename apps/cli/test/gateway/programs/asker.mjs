// What the tests run behind the gateway: it asks as its arguments say, and prints what it gets.
const [what = "chat", ...more] = process.argv.slice(2);
const { env } = process;

async function ask(url, init) {
  const response = await fetch(url, init);
  const text = await response.text();
  console.log(JSON.stringify({ status: response.status, cache: response.headers.get("cache-status"), text }));
}

const post = (url, body) =>
  ask(url, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer own" },
    body: JSON.stringify(body),
  });

const question = (content) => ({ model: env.MODEL ?? "gpt-4o-mini", messages: [{ role: "user", content }] });

if (what === "chat")
  for (const content of more) await post(`${env.OPENAI_BASE_URL}/chat/completions`, question(content));
if (what === "models") await ask(`${env.OPENAI_BASE_URL}/models`);
if (what === "at") await post(`${env[more[0]]}${more[1]}`, question("Hi"));
if (what === "env") console.log(JSON.stringify(Object.fromEntries(more.map((name) => [name, env[name] ?? null]))));
if (what === "stdin") process.stdin.pipe(process.stdout);
if (what === "exit") process.exit(Number(more[0]));
if (what === "die") process.kill(process.pid, more[0]);
if (what === "wait") {
  let count = 0;
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.on(signal, () => {
      count += 1;
      console.log(signal);
      // A signal that is passed on twice comes meanwhile.
      setTimeout(() => process.exit(40 + count), 300);
    });
  }
  console.log("waiting");
  setInterval(() => {}, 1_000);
}
