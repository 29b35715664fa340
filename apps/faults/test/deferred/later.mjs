// The clock of this process is ahead by REMEM_LATER_MS, as if it had been started later.
const RealDate = Date;
const ms = Number(process.env.REMEM_LATER_MS);

globalThis.Date = class extends RealDate {
  constructor(...args) {
    super(...(args.length === 0 ? [RealDate.now() + ms] : args));
  }
  static now() {
    return RealDate.now() + ms;
  }
};
