/** The command that shows the configuration. Its flags must stay as given. */
export const CONFIG_COMMAND = "config";
