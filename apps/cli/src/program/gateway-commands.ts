import type { Command } from "commander";
import type { ServeFlags } from "../commands/serve.ts";
import { gatewayOptions } from "../flags/options.ts";
import { count, wholeNumber } from "../flags/parsers.ts";
import type { GatewayFlags } from "../gateway/open-gateway.ts";
import type { Ends } from "./ends.ts";

const SERVE_HELP = `
About clients:
  Each client sends its own API key, which the gateway forwards. The gateway
  serves OpenAI (/v1), Anthropic (/v1/messages, /messages), Gemini (/v1beta),
  Azure (/openai) and Ollama (/api). To use other servers for them, set
  $OPENAI_BASE_URL, $ANTHROPIC_BASE_URL, $GOOGLE_GEMINI_BASE_URL,
  $AZURE_OPENAI_ENDPOINT or $OLLAMA_HOST, or gateway.upstreams in the
  configuration file, which may also name further servers.

About tenants:
  With gateway.tenants in the configuration file, each request needs a token of
  a tenant, and the gateway may serve other machines: --host 0.0.0.0. To make a
  token, run remem token. Tenants with the right "view" can look at their stored
  entries in a page at /_remem/, which needs the package @remem/view.

About limits:
  With any of these flags, all requests wait together after a rate limit of a
  server. The limits do not apply to hits and to requests that are not cached.

About health and metrics:
  GET /healthz answers 200 while the process lives, and /readyz while its store
  answers. /metrics has counters for Prometheus, summed over all workers. The
  lines of --log contain no prompts, queries or headers.

About stopping:
  After Ctrl-C or SIGTERM the gateway answers running requests and accepts no
  others.`;

const RUN_HELP = `
About programs:
  The program finds the gateway by $OPENAI_BASE_URL, $ANTHROPIC_BASE_URL and
  similar variables. A variable that is already set names the server behind the
  gateway. A client with an address in the program's code bypasses the gateway.
    remem run -- python eval.py
    remem run --frozen -- npx vitest
  With --frozen the program needs no API key. If it has none, the command sets
  the key "none".

About --journal [file]:
  The flag takes the next argument as its file. Write it last before --, or
  write the file with =:
    remem run --journal -- python eval.py
    remem run --journal=calls.jsonl -- python eval.py

About limits:
  With any of these flags, all requests wait together after a rate limit of a
  server. The limits do not apply to hits and to requests that are not cached.

About the exit status:
  It is that of the program: 128 plus the number of the signal if a signal has
  ended it, and 127 if the program was not found.`;

const TOKEN_HELP = `
About tokens:
  Give the token to the tenant, whose clients send it as their API key. Write
  the hash to gateway.tenants.<name>.tokens in the configuration file. The token
  is random, and the command does not store it.`;

/** Adds the commands that stand between other programs and their servers. */
export function gatewayCommands(program: Command, ends: Ends): void {
  gatewayOptions(program.command("run"))
    .description("run a program whose calls go through the cache")
    .usage("[options] -- <program> [arguments...]")
    .argument("<program...>", "the program and its arguments, after --")
    .addHelpText("after", RUN_HELP)
    .action(async (args: string[], flags: GatewayFlags, command: Command) => {
      const { run } = await import("../commands/run.ts");
      ends(await run(args, flags, command));
    });

  gatewayOptions(
    program
      .command("serve")
      .option("--port <n>", "the port; 0 for a free one", count, 8787)
      .option("--host <address>", "the address to listen on; without tenants, a loopback address", "127.0.0.1")
      .option("--workers <n>", "how many processes share the port and the store", wholeNumber, 1)
      .option("--log [file]", "log each request as a line of JSON, to a file or to standard error"),
  )
    .description("serve the cache to clients in any language, on a port of this machine")
    .addHelpText("after", SERVE_HELP)
    .action(async (flags: ServeFlags, command: Command) => {
      const { serve } = await import("../commands/serve.ts");
      ends(await serve(flags, command));
    });

  program
    .command("token")
    .description("make a token for a tenant of the gateway")
    .addHelpText("after", TOKEN_HELP)
    .action(async () => {
      const { token } = await import("../commands/token.ts");
      ends(await token());
    });
}
