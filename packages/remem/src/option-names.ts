import { type LLMProvider, RememError } from "@remem/core";

/** The options of a function that creates providers of adapters. */
interface OptionNames {
  /** The function. */
  readonly where: "createRemem" | "CacheOpenAI";
  readonly baseURL: string;
  readonly model: string;
}

/** The phrases of adapters, and the same phrases with these options. Whole phrases leave a server's own words unchanged. */
const phrases = ({ where, baseURL, model }: OptionNames): ReadonlyArray<readonly [adapters: string, own: string]> => [
  ["Check `baseURL`.", `Check \`${baseURL}\`.`],
  ["Check `model` and `baseURL`.", `Check \`${model}\` and \`${baseURL}\`.`],
  [`${where}: \`baseURL\``, `${where}: \`${baseURL}\``],
  [`${where}: \`endpoint\``, `${where}: \`${baseURL}\``],
  ["pass `endpoint` to", `pass \`${baseURL}\` to`],
  ["pass `apiKey` or `azureADTokenProvider` to", "pass `apiKey` to"],
  [`pass \`apiVersion\` to ${where}, or set OPENAI_API_VERSION`, "set OPENAI_API_VERSION"],
  ["where `endpoint` ends with", `where \`${baseURL}\` ends with`],
  ["Check `endpoint`.", `Check \`${baseURL}\`.`],
  ["Check `apiKey` or `azureADTokenProvider`, or", "Check `apiKey`, or"],
  [
    "Check `endpoint`, `apiVersion`, and the deployment: it is `deployment`, or else the request's `model`.",
    `Check \`${baseURL}\`, OPENAI_API_VERSION, and \`${model}\`, which is the deployment.`,
  ],
];

/** Returns the same provider, but its errors name the options of the function that the caller has called. */
export function withOptionNames(names: OptionNames, create: () => LLMProvider): LLMProvider {
  function rethrow(error: unknown): never {
    if (RememError.is(error)) {
      const message = phrases(names).reduce((text, [adapters, own]) => text.replaceAll(adapters, own), error.message);
      if (error.stack !== undefined) error.stack = error.stack.replace(error.message, () => message);
      error.message = message;
    }
    throw error;
  }
  try {
    const provider = create();
    return { ...provider, generate: (request, context) => provider.generate(request, context).catch(rethrow) };
  } catch (error) {
    return rethrow(error);
  }
}
