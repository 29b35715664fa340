import "./answered.mjs";
