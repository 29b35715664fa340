import OpenAI from "openai";
import "./answered.mjs";

new OpenAI({ apiKey: "none" });
