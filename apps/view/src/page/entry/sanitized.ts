import DOMPurify from "dompurify";
import { Marked, type Tokens } from "marked";

const TAGS =
  "p br hr strong em del code pre blockquote ul ol li table thead tbody tr th td span sub sup kbd b i u s dl dt dd".split(
    " ",
  );

/**
 * HTML stays text. Links and pictures become their texts: nothing leads or loads elsewhere. Headings belong to the answer, not
 * to the page.
 */
const marked = new Marked({
  gfm: true,
  renderer: {
    link({ href, tokens }: Tokens.Link) {
      const text = this.parser.parseInline(tokens);
      return text === escaped(href) ? text : `${text} <span>(${escaped(href)})</span>`;
    },
    image({ href, text }: Tokens.Image) {
      return `<span>[picture: ${escaped(text)} (${escaped(href)})]</span>`;
    },
    heading({ tokens }: Tokens.Heading) {
      return `<p><strong>${this.parser.parseInline(tokens)}</strong></p>`;
    },
    html({ text }: Tokens.HTML | Tokens.Tag) {
      return escaped(text);
    },
    checkbox({ checked }: Tokens.Checkbox) {
      return checked ? "☑ " : "☐ ";
    },
  },
});

const SIGNS: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => SIGNS[sign]!);

/** Markdown as elements of a few harmless kinds, without any attribute. */
export function sanitized(text: string): DocumentFragment {
  return DOMPurify.sanitize(marked.parse(text, { async: false }), {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: [],
    ALLOW_ARIA_ATTR: false,
    ALLOW_DATA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
}
