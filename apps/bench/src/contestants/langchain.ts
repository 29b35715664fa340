import type { BaseCache } from "@langchain/core/caches";
import { BaseChatModel, type BaseChatModelCallOptions } from "@langchain/core/language_models/chat_models";
import { AIMessage, type BaseMessage, type StandardMessageStructure } from "@langchain/core/messages";
import type { ChatResult } from "@langchain/core/outputs";
import type { ChatMessage, ChatParams } from "@remem/core";
import type { Contestant, Setting } from "../contestant.ts";

/** LangChain's built-in cache for chat models. */
export function langchainOver(cache: BaseCache, { generate }: Setting): Pick<Contestant, "ask"> {
  const model = new BenchModel(cache, generate);
  return {
    async ask({ messages, ...params }) {
      const { text } = await model.invoke(
        messages.map(({ role, content }) => ({ role, content: content as string })),
        { params },
      );
      return text;
    },
  };
}

interface CallOptions extends BaseChatModelCallOptions {
  /** Part of the key, as are all options of a call. */
  readonly params: ChatParams;
}

/** A minimal chat model. */
class BenchModel extends BaseChatModel<CallOptions> {
  readonly #generate: Setting["generate"];

  constructor(cache: BaseCache, generate: Setting["generate"]) {
    super({ cache });
    this.#generate = generate;
  }

  override _llmType(): string {
    return "bench";
  }

  override async _generate(messages: BaseMessage[], { params }: this["ParsedCallOptions"]): Promise<ChatResult> {
    const completion = await this.#generate({ ...params, messages: messages.map(onTheWire) });
    const { message, finish_reason } = completion.choices[0]!;
    const { prompt_tokens, completion_tokens, total_tokens } = completion.usage!;
    const text = message.content!;
    return {
      generations: [
        {
          text,
          message: new AIMessage<StandardMessageStructure>({
            content: text,
            id: completion.id,
            response_metadata: { finish_reason, model_name: completion.model },
            usage_metadata: { input_tokens: prompt_tokens, output_tokens: completion_tokens, total_tokens },
          }),
        },
      ],
    };
  }
}

const ROLES: Readonly<Record<string, ChatMessage["role"]>> = { system: "system", human: "user", ai: "assistant" };

function onTheWire(message: BaseMessage): ChatMessage {
  return { role: ROLES[message.type]!, content: message.text };
}
