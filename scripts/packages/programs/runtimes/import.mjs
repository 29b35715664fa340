for (const name of ["remem", "@remem/sqlite"]) {
  await import(name).then(
    () => console.log("imported"),
    ({ code, message }) => console.log(`${code}: ${message}`),
  );
}
