"""The tokenizer, MLM and NSP against slow plain oracles."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.textmodels.pretraining import IGNORED, mask_tokens, sentence_pairs, sentences
from zhanggui.kernel.textmodels.tokens import END, MASK, SPECIALS, START, UNKNOWN, Tokenizer

TEXTS = ["Love this dress, lovely dress!", "质量很好，物流很快", "the quality is good; loving it", "不好看"] * 3


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.train(TEXTS, 120)


def plain_match(tokenizer: Tokenizer, word: str) -> list[str]:
    """The longest known beginning, again and again, by trying every end; the oracle."""
    known, found = set(tokenizer.pieces), []
    while word:
        lead = "##" if found else ""
        ends = [end for end in range(1, len(word) + 1) if lead + word[:end] in known]
        if not ends:
            return ["[UNK]"]
        found.append(lead + word[: max(ends)])
        word = word[max(ends) :]
    return found


@given(st.text(alphabet="lovedrsquaityinghg", min_size=1, max_size=12))
@settings(max_examples=80, deadline=None)
def test_words_are_cut_at_the_longest_known_beginning(word: str) -> None:
    tokenizer = Tokenizer.train(TEXTS, 120)
    assert [tokenizer.pieces[number] for number, _, _ in tokenizer.match(word)] == plain_match(tokenizer, word)


def test_merges_are_those_of_plain_byte_pairs() -> None:
    words = {"low": 5, "lower": 2, "newest": 6, "widest": 3}  # the example of Sennrich et al. 2016
    spelt = {word: [word[0], *("##" + letter for letter in word[1:])] for word in words}
    wanted: list[str] = []
    for _ in range(6):
        counted: dict[tuple[str, str], int] = {}
        for word, often in words.items():
            for pair in zip(spelt[word], spelt[word][1:], strict=False):
                counted[pair] = counted.get(pair, 0) + often
        best = min(counted, key=lambda pair: (-counted[pair], pair))
        wanted.append(best[0] + best[1].removeprefix("##"))
        for word, symbols in spelt.items():
            joined: list[str] = []
            for symbol in symbols:
                if joined and (joined[-1], symbol) == best:
                    joined[-1] = wanted[-1]
                else:
                    joined.append(symbol)
            spelt[word] = joined
    texts = [word for word, often in words.items() for _ in range(often)]
    letters = {symbol for word in words for symbol in [word[0], *("##" + c for c in word[1:])]}
    # Single characters may take two thirds of the room; give just enough for six merges beside them.
    size = len(SPECIALS) + len(letters) + 6
    while (size - len(SPECIALS)) * 2 // 3 < len(letters):
        size += 1
    pieces = Tokenizer.train(texts, size).pieces
    assert list(pieces[len(SPECIALS) + len(letters) :][:6]) == wanted


@given(st.text(max_size=60), st.integers(3, 40))
@settings(max_examples=80, deadline=None)
def test_tokens_stand_where_they_say_and_are_few_enough(text: str, most: int) -> None:
    tokenizer = Tokenizer.train(TEXTS, 120)
    encoded = tokenizer.encode(text, most)
    assert len(encoded.ids) == len(encoded.spans) <= most
    assert encoded.ids[0] == START and encoded.ids[-1] == END
    last = 0
    for start, end in encoded.spans[1:-1]:
        assert last <= start <= end <= len(text)
        last = end


def test_spelling_and_back(tokenizer: Tokenizer) -> None:
    assert tokenizer.decode(tokenizer.encode("LOVELY dress!", 30).ids) == "lovely dress!"
    assert tokenizer.decode(tokenizer.encode("质量 很好", 30).ids) == "质量很好"
    assert tokenizer.encode("ｄｒｅｓｓ", 9).ids == tokenizer.encode("dress", 9).ids
    assert UNKNOWN in tokenizer.encode("ж", 9).ids
    assert tokenizer.encode("", 9).ids == (START, END)


def test_of_a_long_text_both_ends_are_kept(tokenizer: Tokenizer) -> None:
    encoded = tokenizer.encode("质量" * 300_000 + "好看", 12)
    assert len(encoded.ids) == 12 and encoded.spans[-2][1] == 600_002


def test_a_vocabulary_needs_text_and_room() -> None:
    with pytest.raises(BadInput, match="none"):
        Tokenizer.train(["", "  "], 50)
    with pytest.raises(BadInput, match="size"):
        Tokenizer.train(TEXTS, 5)
    with pytest.raises(BadInput, match="tokenizer"):
        Tokenizer(("a", "b"))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_masking_is_that_of_the_paper_token_by_token(seed: int) -> None:
    ids = np.random.default_rng(9).integers(0, 50, (20, 15))
    masked = mask_tokens(ids, 50, np.random.default_rng(seed), share=0.4)
    random = np.random.default_rng(seed)
    choice, kind, other = random.random(ids.shape), random.random(ids.shape), random.integers(5, 50, ids.shape)
    for row in range(20):
        for place in range(15):
            token = ids[row, place]
            if token < 5 or choice[row, place] >= 0.4:
                assert masked.inputs[row, place] == token and masked.targets[row, place] == IGNORED
                continue
            assert masked.targets[row, place] == token
            wanted = MASK if kind[row, place] < 0.8 else other[row, place] if kind[row, place] < 0.9 else token
            assert masked.inputs[row, place] == wanted


def test_shares_of_masking() -> None:
    ids = np.full((400, 100), 7)
    masked = mask_tokens(ids, 1000, np.random.default_rng(0))
    chosen = masked.targets != IGNORED
    assert 0.14 < chosen.mean() < 0.16
    assert 0.78 < (masked.inputs[chosen] == MASK).mean() < 0.82
    assert 0.08 < (masked.inputs[chosen] == 7).mean() < 0.12
    assert (masked.inputs[~chosen] == 7).all()


def test_sentences() -> None:
    assert sentences("质量很好。物流快！不错吧") == ["质量很好。", "物流快！", "不错吧"]
    assert sentences("Love it. It fits well!! Great buy") == ["Love it.", "It fits well!!", "Great buy"]
    assert sentences("") == []


def test_pairs_follow_or_come_from_elsewhere() -> None:
    documents = [[f"{name}{number}" for number in range(40)] for name in "abc"]
    pairs = sentence_pairs(documents, np.random.default_rng(4))
    assert len(pairs) == 3 * 39
    for pair in pairs:
        follows = pair.first[0] == pair.second[0] and int(pair.second[1:]) == int(pair.first[1:]) + 1
        assert pair.follows == follows
        assert pair.follows or pair.first[0] != pair.second[0]
    assert 0.35 < np.mean([pair.follows for pair in pairs]) < 0.65
    assert all(pair.follows for pair in sentence_pairs([["a1", "a2", "a3"], []], np.random.default_rng(0)))
