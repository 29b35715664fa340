import { loadGateway } from "../gateway/load-gateway.ts";

/** Makes a token for a tenant of the gateway. */
export async function token(): Promise<number> {
  const { hashOf, newToken } = await loadGateway();
  const token = newToken();
  console.log(`token  ${token}`);
  console.log(`hash   ${hashOf(token)}`);
  return 0;
}
