import { execFileSync } from "node:child_process";
import { relative } from "node:path";

/**
 * The fields of a manifest that name the place of its source. They come from the remote that the release is made from, so that no
 * manifest repeats an address, and a fork names its own. npm publishes with provenance only where `repository` is that remote.
 */
export function repositoryFields(root, packageDirectory) {
  const url = webAddress(remoteOf(root));
  if (url === undefined) return {};
  const directory = relative(root, packageDirectory).replaceAll("\\", "/");
  return {
    homepage: `${url}/tree/HEAD/${directory}#readme`,
    bugs: { url: `${url}/issues` },
    repository: { type: "git", url: `git+${url}.git`, directory },
  };
}

function remoteOf(root) {
  try {
    return execFileSync("git", ["config", "--get", "remote.origin.url"], { cwd: root, encoding: "utf8" }).trim();
  } catch {
    return ""; // No repository, or no remote.
  }
}

/** The page of a remote, without its credentials. Undefined where the remote is a directory. */
function webAddress(remote) {
  // `git@host:team/name` is short for an address of ssh.
  const url = URL.parse(remote.replace(/^[^/@]+@([^/:]+):/, "ssh://$1/"));
  if (!url || !["https:", "http:", "ssh:", "git:"].includes(url.protocol)) return undefined;
  return `https://${url.hostname}${url.pathname.replace(/(\.git)?\/?$/, "")}`;
}
