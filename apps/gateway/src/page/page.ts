import type { Hono } from "hono";
import { GatewayError } from "../errors.ts";
import type { Exchange } from "../server.ts";
import type { Callers } from "../tenants/callers.ts";
import type { Tenant } from "../tenants/tenant.ts";
import { type PageParts, shownTo } from "./api.ts";
import { loadView } from "./load-view.ts";
import { isForeign } from "./origin.ts";
import { PAGE_PATH } from "./path.ts";

/** The page in which tenants look at their entries. */
export interface TenantsPage {
  /**
   * Prepares for requests.
   * @throws {RememError} with code `MISSING_PACKAGE`
   */
  open(): Promise<void>;
}

export interface PageOptions extends Omit<PageParts, "view"> {
  readonly callers: Callers;
  readonly tenants: Readonly<Record<string, Tenant>> | undefined;
  readonly view: PageParts["view"] | undefined;
}

type Answer = import("@remem/view").Answer;

/** The functions of the loaded page. */
interface Loaded {
  readonly files: Answer;
  readonly apis: ReadonlyMap<string | undefined, Answer>;
}

/** Adds the page for tenants that have a right to it. Without such a tenant it is not loaded. */
export function addPage(
  app: Hono<{ Bindings: Exchange }>,
  where: string,
  { callers, tenants = {}, view, ...parts }: PageOptions,
): TenantsPage {
  const viewers = Object.entries(tenants).filter(([, { rights }]) => rights?.includes("view"));
  let loaded: Loaded | undefined;

  function answer({ incoming }: Exchange, request: Request): Response | Promise<Response> {
    if (loaded === undefined) {
      callers.identify(incoming);
      throw new GatewayError(404, "unknown_path", callers.haveTokens ? NO_VIEWER : NO_TENANTS);
    }
    const { pathname } = new URL(request.url);
    // Relative, because a proxy in front of the gateway may add a path of its own.
    if (pathname === PAGE_PATH) return new Response(null, { status: 308, headers: { location: `.${PAGE_PATH}/` } });
    if (!pathname.startsWith(`${PAGE_PATH}/api/`)) return loaded.files(request);
    if (isForeign(incoming.headers))
      throw new GatewayError(403, "forbidden", "the gateway refuses pages of other origins.");
    const { name } = callers.identify(incoming).caller;
    incoming.tenant = name;
    const api = loaded.apis.get(name);
    if (api !== undefined) return api(request);
    const problem = `the tenant ${JSON.stringify(name)} has no right to look at entries: gateway.tenants.${name}.rights.`;
    throw new GatewayError(403, "forbidden", problem);
  }
  for (const path of [PAGE_PATH, `${PAGE_PATH}/*`]) app.all(path, ({ env, req: { raw } }) => answer(env, raw));
  return {
    async open() {
      if (viewers.length === 0 || view === undefined || loaded !== undefined) return;
      const { createPageApi, createPageFiles } = await loadView(where);
      const path = PAGE_PATH;
      loaded = {
        files: createPageFiles({ path, asksForToken: true }),
        apis: new Map(
          viewers.map(([name, tenant]) => [name, createPageApi(shownTo(name, tenant, { view, ...parts }), { path })]),
        ),
      };
    },
  };
}

const NO_VIEWER = 'no tenant has the right "view" in gateway.tenants, so that there is no page.';
/** Only its own machine keeps others out of a gateway without tenants, and that may have other users, too. */
const NO_TENANTS =
  "a gateway without tenants has no page, since it asks for no token. `remem view` opens one for this user alone.";
