import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { join, relative } from "node:path";
import { runServer } from "verdaccio";
import { copyRepository } from "../copy-repository.mjs";
import { publishedPackages } from "../published-packages.mjs";
import { run } from "../steps.mjs";

/** Copies the repository with a history of one commit, because changesets reads it. */
export async function copyWithHistory(root, repository) {
  await copyRepository(root, repository);
  const git = (...args) => run("git", args, { cwd: repository });
  await git("init", "--initial-branch=main");
  await git("config", "user.name", "test");
  await git("config", "user.email", "test@localhost");
  await git("config", "commit.gpgSign", "false");
  await git("add", "--all");
  await git("commit", "--message=Everything");
  await git("remote", "add", "origin", "https://user:secret@git.example/team/remem.git");
}

/** Starts a registry that has only our packages, and fetches all others from the registry that npm is configured with. */
export async function startRegistry(temporary) {
  const { stdout } = await run("npm", ["config", "get", "registry"], { cwd: temporary });
  const server = await runServer({
    self_path: temporary,
    storage: join(temporary, "registry"),
    uplinks: { upstream: { url: stdout.trim() } },
    packages: {
      "{remem,@remem/*}": { access: "$all", publish: "$all" },
      "**": { access: "$all", proxy: "upstream" },
    },
    log: { type: "file", path: join(temporary, "registry.log"), level: "warn", format: "json" },
    web: { enable: false },
  });
  await new Promise((resolve, reject) => server.listen(0, "127.0.0.1", resolve).on("error", reject));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Releases as the workflow does, but with an empty HOME: the user's npm token is out of reach. */
export async function release(repository, registryUrl, project) {
  const install = ["install", "--frozen-lockfile", "--prefer-offline"];
  await run("pnpm", install, { cwd: repository });
  // Right after a release there are no changesets, and the command fails.
  if (globSync(".changeset/*.md", { cwd: repository }).length > 0) {
    await run("pnpm", ["exec", "changeset", "version"], { cwd: repository });
    await run("pnpm", install, { cwd: repository });
  }
  const { env } = project("release", { npmrc: `${registryUrl.replace("http:", "")}:_authToken=any\n` });
  await run("pnpm", ["run", "release"], { cwd: repository, env });

  for (const { directory, manifest } of publishedPackages(repository)) {
    const { name, version } = manifest;
    const { versions = {} } = await (await fetch(new URL(name, registryUrl))).json();
    assert(version in versions, `${name}@${version} is not in the registry`);
    const published = versions[version];
    assert.doesNotMatch(JSON.stringify(published), /workspace:/, `${name} depends on a workspace`);
    const place = relative(repository, directory);
    assert.deepEqual(
      { homepage: published.homepage, bugs: published.bugs, repository: published.repository },
      {
        homepage: `https://git.example/team/remem/tree/HEAD/${place}#readme`,
        bugs: { url: "https://git.example/team/remem/issues" },
        repository: { type: "git", url: "git+https://git.example/team/remem.git", directory: place },
      },
      `${name} names another place of its source`,
    );
  }
}
