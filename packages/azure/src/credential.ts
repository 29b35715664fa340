import { orAborted, RememError } from "@remem/core";

export interface CredentialOptions {
  readonly apiKey?: string;
  readonly azureADTokenProvider?: () => Promise<string>;
}

/** What one call is signed with. */
export interface Credential {
  /** A key, or what gives a token for each attempt. */
  readonly apiKey: string | (() => Promise<string>);
  /** All that was sent, and must not be in an error. */
  readonly secrets: readonly string[];
}

/**
 * The option that is given, else what the environment has: a token before a key, as in OpenAI's Python package.
 * @throws {RememError} with code `MISSING_CREDENTIALS`
 */
export function credentialFor({ apiKey, azureADTokenProvider }: CredentialOptions, timeoutMs: number): Credential {
  if (azureADTokenProvider !== undefined) return tokenCredential(azureADTokenProvider, timeoutMs);
  const { AZURE_OPENAI_AD_TOKEN: token, AZURE_OPENAI_API_KEY: key } = process.env;
  if (apiKey === undefined && token) return tokenCredential(async () => token, timeoutMs);
  const secret = apiKey ?? key;
  if (!secret) throw missingCredentials();
  return { apiKey: secret, secrets: [secret] };
}

function tokenCredential(provider: () => Promise<string>, timeoutMs: number): Credential {
  const secrets: string[] = [];
  async function next(): Promise<string> {
    const token = await requestToken(provider, timeoutMs);
    secrets.push(token);
    return token;
  }
  return { apiKey: next, secrets };
}

async function requestToken(provider: () => Promise<string>, timeoutMs: number): Promise<string> {
  const limit = AbortSignal.timeout(timeoutMs);
  let token: unknown;
  try {
    token = await orAborted(Promise.resolve(provider()), limit);
  } catch (error) {
    if (limit.aborted) throw tokenError(`not within ${timeoutMs} ms (\`timeoutMs\`)`);
    throw tokenError(String(error).replaceAll(JWT, "[redacted]"));
  }
  if (typeof token !== "string" || token === "") throw tokenError("it has to resolve to a text");
  return token;
}

/** The tokens and assertions of Entra ID (RFC 7519). */
const JWT = /\beyJ[\w-]+\.[\w.-]+/g;

/** Without a cause: the errors of identity libraries hold requests, and these hold secrets. */
function tokenError(why: string): RememError {
  return new RememError("MISSING_CREDENTIALS", `azureProvider: \`azureADTokenProvider\` gave no token: ${why}`);
}

function missingCredentials(): RememError {
  return new RememError(
    "MISSING_CREDENTIALS",
    "There are no credentials: pass `apiKey` or `azureADTokenProvider` to azureProvider, or set AZURE_OPENAI_API_KEY or AZURE_OPENAI_AD_TOKEN.",
  );
}
