// Among the adapters in the tests of packages/keyv this one is for Keyv 6 and the others for Keyv 5, so it gets one of its own.
export const hooks = {
  readPackage(manifest) {
    if (manifest.name === "@keyv/sqlite") {
      delete manifest.peerDependencies.keyv;
      manifest.dependencies.keyv = "6.1.0";
    }
    return manifest;
  },
};
