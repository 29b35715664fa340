import "ai";
import "./answered.mjs";
