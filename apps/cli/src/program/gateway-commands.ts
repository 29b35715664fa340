import type { Command } from "commander";
import type { ServeFlags } from "../commands/serve.ts";
import { gatewayOptions } from "../flags/options.ts";
import { count, wholeNumber } from "../flags/parsers.ts";
import type { GatewayFlags } from "../gateway/open-gateway.ts";
import type { Ends } from "./ends.ts";

const SERVE_HELP = `
About clients:
  Each sends its own key, which is passed on. At the gateway there are OpenAI
  (/v1), Anthropic (/v1/messages, /messages), Gemini (/v1beta), Azure (/openai)
  and Ollama (/api). $OPENAI_BASE_URL, $ANTHROPIC_BASE_URL,
  $GOOGLE_GEMINI_BASE_URL, $AZURE_OPENAI_ENDPOINT and $OLLAMA_HOST name other
  servers for them, and so does gateway.upstreams in the configuration file,
  which may name further ones.

About tenants:
  With gateway.tenants in the configuration file each request needs a token of a
  tenant, and other machines may be served: --host 0.0.0.0. remem token makes
  tokens. Tenants with the right "view" look at what is stored for them in a
  page at /_remem/, for which @remem/view has to be installed, too.

About limits:
  With one of them, a rate limit of a server is waited for once, for all
  requests. Hits, and requests that are not cached, are not limited.

About machines:
  GET /healthz answers 200 while the process lives, and /readyz while its store
  answers. /metrics has counters for Prometheus, summed over all workers. Lines
  of --log have no prompts, no queries and no headers.

About stopping:
  After Ctrl-C or SIGTERM, requests in flight are answered, and no more taken.`;

const RUN_HELP = `
About programs:
  The program finds the gateway by $OPENAI_BASE_URL, $ANTHROPIC_BASE_URL and
  their like. Those that are set already name the servers behind the gateway. A
  client that was given an address by the program goes past it.
    remem run -- python eval.py
    remem run --frozen -- npx vitest
  With --frozen it needs no key: where there is none, it gets "none" for one.

About limits:
  With one of them, a rate limit of a server is waited for once, for all
  requests. Hits, and requests that are not cached, are not limited.

About the exit status:
  It is that of the program; 128 and the signal's number if a signal has ended
  it; 127 if it was not found.`;

const TOKEN_HELP = `
About tokens:
  The token is for the tenant, whose clients send it as their API key. Its hash
  is for gateway.tenants.<name>.tokens in the configuration file. It is random,
  and stored nowhere.`;

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
      .option("--host <address>", "the address to listen on: a loopback address, but for tenants", "127.0.0.1")
      .option("--workers <n>", "how many processes share the port, and the store", wholeNumber, 1)
      .option("--log [file]", "log each request as a line of JSON: to a file, or to standard error"),
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
