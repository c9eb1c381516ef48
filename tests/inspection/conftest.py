"""Random models in every shape that a directory can hold, with and without heads."""

from pathlib import Path

import pytest
from transformers import BertForMaskedLM, BertForPreTraining, BertModel, BertTokenizer

from babybert_tui.inspection.checkpoint import Inspectable, load_inspectable
from babybert_tui.tokenization import make_tokenizer
from inspection.random_models import MAX_LENGTH, WORDS, random_bert, save_model


@pytest.fixture(scope="session")
def tokenizer() -> BertTokenizer:
    return make_tokenizer(WORDS, max_length=MAX_LENGTH)


@pytest.fixture(scope="session")
def reference() -> BertForPreTraining:
    return random_bert()


@pytest.fixture(scope="session")
def directory(
    reference: BertForPreTraining, tokenizer: BertTokenizer, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    return save_model(reference, tokenizer, tmp_path_factory.mktemp("pretraining"))


@pytest.fixture(scope="session")
def inspectable(directory: Path) -> Inspectable:
    return load_inspectable(directory)


@pytest.fixture(scope="session")
def masked_lm_directory(tokenizer: BertTokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(random_bert(BertForMaskedLM), tokenizer, tmp_path_factory.mktemp("masked-lm"))


@pytest.fixture(scope="session")
def encoder_directory(tokenizer: BertTokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(random_bert(BertModel), tokenizer, tmp_path_factory.mktemp("encoder"))
