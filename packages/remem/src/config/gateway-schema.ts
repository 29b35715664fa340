import type { GenericSchema } from "valibot";
import type { GatewayConfig } from "./config.ts";

type Valibot = typeof import("valibot");

/** Schemas that the whole file has in common. */
interface Common {
  text(expected: string): GenericSchema<string>;
  count(least: number, most?: number): GenericSchema<number>;
  choices<const Names extends readonly string[]>(names: Names): GenericSchema<Names[number]>;
  readonly address: GenericSchema<string>;
}

const HASH = "a hash, as remem token prints it: sha256:…";
const SCOPE = "a name of letters, digits, _, . and -, or false";
const DOLLARS = "a number of dollars above 0";

/** The schema of the member `gateway`. */
export function gatewaySchema(
  v: Valibot,
  { text, count, choices, address }: Common,
): GenericSchema<unknown, GatewayConfig> {
  const object = "an object";
  const upstream = v.strictObject(
    {
      baseURL: v.pipe(address, v.description(`The address of the server. \${NAME} stands for a variable.`)),
      apiKey: v.optional(
        v.pipe(
          v.string("text"),
          // A key itself has lower-case letters, so it does not match.
          v.regex(/^([A-Z][A-Z0-9_]*|\$\{[A-Za-z_]\w*\})$/, "the name of a variable that holds the key"),
          v.description("The variable that holds the key. By default the caller's own key is sent."),
        ),
      ),
    },
    "an object with `baseURL`",
  );
  const tenant = v.strictObject(
    {
      tokens: v.pipe(
        v.array(
          v.pipe(v.string(HASH), v.regex(/^sha256:[\da-f]{64}$/, HASH)),
          "a list of hashes, as remem token prints them",
        ),
        v.minLength(1, "a list of at least one hash, as remem token prints it"),
        v.description("Hashes of its tokens, as remem token prints them. Several, so that one can follow another."),
      ),
      scope: v.optional(
        v.pipe(
          v.union([v.pipe(v.string(SCOPE), v.regex(/^[A-Za-z0-9][\w.-]*$/, SCOPE)), v.literal(false, SCOPE)], SCOPE),
          v.description(
            "Tenants of one scope share their entries. By default its own name; false for the entries of all who use no gateway.",
          ),
        ),
      ),
      models: v.optional(
        v.pipe(
          v.array(text("the name of a model"), "a list of names of models"),
          v.description("The models that it may ask, where * stands for any characters. All by default."),
          v.examples([["gpt-4o-mini", "claude-*"]]),
        ),
      ),
      limits: v.optional(
        v.strictObject(
          {
            rpm: v.optional(v.pipe(count(1), v.description("The most requests to servers in a minute."))),
            tpm: v.optional(v.pipe(count(1), v.description("The most tokens in a minute, those of answers included."))),
            dollarsPerDay: v.optional(
              v.pipe(
                v.number(DOLLARS),
                v.finite(DOLLARS),
                v.gtValue(0, DOLLARS),
                v.description("The most that answers may cost in a day (UTC), in dollars by list prices or prices."),
              ),
            ),
          },
          object,
        ),
      ),
      unpriced: v.optional(
        v.pipe(
          choices(["refuse", "allow"]),
          v.description("Whether it may ask models whose price is unknown in spite of a budget. refuse by default."),
        ),
      ),
      passThrough: v.optional(
        v.pipe(
          v.boolean("true or false"),
          v.description(
            "Whether its requests that are not cached pass through. They may read what others have stored at the server with the same key. false by default.",
          ),
        ),
      ),
      rights: v.optional(
        v.pipe(
          v.array(choices(["metrics", "view", "delete"]), 'a list of "metrics", "view" and "delete"'),
          v.description(
            "What else it may do: see the metrics of the gateway, view the entries of its scope at /_remem/, and delete them there. Nothing by default.",
          ),
        ),
      ),
    },
    "an object with `tokens`",
  );
  return v.strictObject(
    {
      upstreams: v.optional(
        v.pipe(
          v.record(v.string(), upstream, object),
          v.description(
            "Servers by name: openai, anthropic, gemini, azure and ollama replace the vendors' own addresses, any other is reached at /<name>/.",
          ),
          v.examples([{ groq: { baseURL: "https://api.groq.com", apiKey: "GROQ_API_KEY" } }]),
        ),
      ),
      tenants: v.optional(
        v.pipe(
          v.record(v.string(), tenant, object),
          v.description(
            "Those who may use remem serve, by name. Without them every program of this machine may, and no other.",
          ),
        ),
      ),
      redis: v.optional(
        v.pipe(
          v.string("text"),
          v.regex(/^(rediss?:\/\/\S+|.*\$\{.*)$/, "the URL of a Redis, such as redis://host"),
          v.description(
            `The Redis in which gateways count together what tenants use. That of the store by default, if it is a Redis. \${NAME} stands for a variable.`,
          ),
          v.examples([`\${REDIS_URL}`]),
        ),
      ),
    },
    object,
  );
}
