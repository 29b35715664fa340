/** Gets the exit status of the command that was called. */
export type Ends = (status: number) => void;
