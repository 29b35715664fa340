import { render } from "preact";
import { App } from "./app.tsx";
import { startEntries } from "./state/entries.ts";
import { startKeyboard } from "./state/keyboard.ts";
import { startRoute } from "./state/route.ts";
import { startTheme } from "./state/theme.ts";
import { needsToken, takeToken, watchToken } from "./state/token.ts";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/shell.css";
import "./styles/entries.css";
import "./styles/entry.css";
import "./styles/json.css";
import "./styles/compare.css";
import "./styles/overview.css";

takeToken();
watchToken();
startTheme();
startRoute();
if (!needsToken.value) startEntries(); // Before the page is rendered: the first rows take a while to arrive.
startKeyboard();
render(<App />, document.querySelector("#app")!);
