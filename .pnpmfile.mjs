import { repositoryFields } from "./scripts/repository-fields.mjs";

// Among the adapters in the tests of packages/keyv these are for Keyv 6 and the others for Keyv 5, so they get one of their own.
const FOR_KEYV_6 = ["@keyv/postgres", "@keyv/redis", "@keyv/sqlite"];

export const hooks = {
  readPackage(manifest) {
    if (FOR_KEYV_6.includes(manifest.name) && manifest.version.startsWith("6.")) {
      delete manifest.peerDependencies.keyv;
      manifest.dependencies.keyv = "6.1.0";
    }
    return manifest;
  },
  beforePacking: (manifest, directory) => ({ ...manifest, ...repositoryFields(import.meta.dirname, directory) }),
};
