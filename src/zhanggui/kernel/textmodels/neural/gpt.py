"""A small causal language model (Radford et al. 2019) with Transformers' GPT-2 code, its configuration from scratch."""

from collections.abc import Sequence
from typing import Any

from zhanggui.kernel.textmodels.neural.export import graph_of
from zhanggui.kernel.textmodels.neural.extra import needed
from zhanggui.kernel.textmodels.neural.layers import backward_only
from zhanggui.kernel.textmodels.neural.writer import Job, Pair, fit_pairs
from zhanggui.kernel.textmodels.neuralwriter import NeuralWriter, WriterNet
from zhanggui.kernel.textmodels.onnxrun import Graph, padded
from zhanggui.kernel.textmodels.tokens import END, PAD, SPECIALS, START, Tokenizer
from zhanggui.kernel.textmodels.training import Plan, Sizes

torch: Any = needed("torch")
nn: Any = torch.nn
_IGNORED = -100


class Gpt(nn.Module):
    """Transformers' GPT-2 made anew: tokens [rows, n] -> scores [rows, n, vocabulary] of each next token.

    A row is `[CLS] source [SEP] target [SEP]`; only the target is learnt.
    """

    def __init__(self, vocabulary: int, sizes: Sizes) -> None:
        nn.Module.__init__(self)
        library = needed("transformers")
        config = library.GPT2Config(
            vocab_size=vocabulary, n_positions=2 * sizes.longest, n_embd=sizes.width, n_layer=sizes.layers,
            n_head=sizes.heads, resid_pdrop=sizes.dropout, embd_pdrop=sizes.dropout, attn_pdrop=sizes.dropout,
            bos_token_id=START, eos_token_id=END, pad_token_id=PAD, attn_implementation="eager", use_cache=False,
        )  # fmt: skip
        self.model = library.GPT2LMHeadModel(config)

    def forward(self, ids: Any) -> Any:
        """Scores. The mask is given whole: a traced graph then holds for every length."""
        length = ids.shape[1]
        mask = torch.where(backward_only(length), 0.0, -1e9).unsqueeze(0).unsqueeze(0)
        places = torch.arange(length).unsqueeze(0)
        return self.model(input_ids=ids, attention_mask=mask, position_ids=places, use_cache=False).logits


def fit(
    texts: Sequence[str], targets: Sequence[str], plan: Plan, *, task: str = "", sizes: Sizes | None = None
) -> NeuralWriter:
    """Train on pairs: target i is what to write after text i.

    Raises:
        BadInput: fewer than ten different pairs.
    """
    sizes = sizes or Sizes()
    job = Job("gpt", sizes, lambda pieces: Gpt(pieces, sizes), _loss, lambda net, tok: _graphs(net, tok, sizes))
    return fit_pairs(job, texts, targets, plan, task)


def text_generation(net: Gpt, tokenizer: Tokenizer) -> Any:
    """The net in Transformers' own `pipeline("text-generation")`, with our vocabulary in its tokenizer."""
    library, parts = needed("transformers"), needed("tokenizers")
    numbers = {piece: number for number, piece in enumerate(tokenizer.pieces)}
    own = parts.Tokenizer(parts.models.WordPiece(numbers, unk_token=SPECIALS[1]))
    own.normalizer = parts.normalizers.BertNormalizer(lowercase=True, handle_chinese_chars=True, strip_accents=False)
    own.pre_tokenizer = parts.pre_tokenizers.BertPreTokenizer()
    own.decoder = parts.decoders.WordPiece()
    own.post_processor = parts.processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", START), ("[SEP]", END)]
    )
    names = {"unk_token": SPECIALS[1], "pad_token": SPECIALS[PAD], "bos_token": SPECIALS[START]}
    wrapped = library.PreTrainedTokenizerFast(tokenizer_object=own, eos_token=SPECIALS[END], **names)
    return library.pipeline("text-generation", model=net.model.eval(), tokenizer=wrapped)


def _loss(net: Any, pairs: Sequence[Pair]) -> Any:
    rows = [(*source, *target[1:]) for source, target in pairs]
    ids = torch.as_tensor(padded(rows))
    wanted = ids.clone()
    wanted[ids == PAD] = _IGNORED
    for place, (source, _) in enumerate(pairs):
        wanted[place, : len(source)] = _IGNORED
    scores = net(ids)[:, :-1]
    return nn.functional.cross_entropy(
        scores.reshape(-1, scores.shape[-1]), wanted[:, 1:].reshape(-1), ignore_index=_IGNORED
    )


def _graphs(net: Any, tokenizer: Tokenizer, sizes: Sizes) -> WriterNet:
    graph = graph_of(net, {"ids": torch.tensor([[2, 5, 3], [2, 3, 0]])}, ["scores"])
    return WriterNet(tokenizer, sizes.longest, sizes.longest - 2, Graph(graph))
