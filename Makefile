# Two commands do all the set-up: `make book` builds the site, `make test` passes the tests.
.DELETE_ON_ERROR:
.PHONY: book chapter serve pdf slides notebooks test lint unit site-tests nbval lab dev class bench mutants survey class-tools clean help name-given

# Small models are fastest on one thread; threads that spin while they wait cost a factor of ten.
export OMP_NUM_THREADS ?= 1
export OMP_WAIT_POLICY ?= PASSIVE
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PYTHONDONTWRITEBYTECODE := 1

book: .venv/ready ## build the site: _build/html/index.html
	@jupyter-book build . -W -n --keep-going
	@echo "The book is at _build/html/index.html: open that file in a browser, or run: make serve"

chapter: name-given .venv/browser .venv/front-end ## NAME=heads: execute, build and test one chapter
	@python -m attnbook chapter "$(NAME)"

name-given: # before anything is installed
	@test -n "$(NAME)" || { echo "Name the chapter: make chapter NAME=heads" >&2; exit 1; }

serve: ## show the built site at http://127.0.0.1:8000
	@test -f _build/html/index.html || { echo "There is no site yet: run make book" >&2; exit 1; }
	@python3 -m http.server 8000 --bind 127.0.0.1 --directory _build/html

pdf: book .venv/browser ## the whole book as one PDF: _build/book.pdf
	@python -m tools.pdf

slides: book .venv/browser ## a deck of each chapter, to show and as a PDF: _build/slides
	@python -m attnbook slides
	@python -m tools.slides

notebooks: book ## bring notebooks/ up to date with book/
	@python -m attnbook notebooks

test: lint unit site-tests nbval ## everything that CI runs
	@echo "All tests passed."

lint: .venv/front-end
	@ruff check . && ruff format --check . && codespell
	@basedpyright && lint-imports --no-cache --no-logo
	@npm run -s lint && npm run -s check-format && npm run -s types && npm test --silent

unit: .venv/ready .venv/box
	@pytest -q -n 2 src tests --ignore=tests/book --ignore=tests/browser --ignore-glob='*/chapters/*/test_claims.py' --ignore-glob='*/test_browser.py'

site-tests: book .venv/browser .venv/front-end .venv-lab/ready .venv-colab/ready
	@pytest -q -n 2 tests/book tests/chapters/*/test_claims.py
	@pytest -q -n 3 --dist worksteal tests/browser tests/chapters/*/test_browser.py

nbval: .venv/ready
	@pytest -q --nbval-lax -n 2 --dist loadfile notebooks

lab: .venv-lab/ready ## open the notebooks in JupyterLab
	@.venv-lab/bin/jupyter-lab --LabApp.extra_labextensions_path=.venv/share/jupyter/labextensions notebooks

dev: .venv/ready ## one widget on a page that reloads when its files change: make dev WIDGET=scaling
	@python -m tools.dev "$(subst -,_,$(WIDGET))" "$(or $(PORT),8001)"

class: book .venv/box ## a made-up class, from a chapter's page to a gradebook
	@python -m tools.sample_class

bench: .venv/ready ## speed beside the peers, in one run
	@python -m benchmarks

mutants: .venv-mutants/ready ## do the tests notice planted faults?
	@.venv-mutants/bin/python tools/mutants.py

survey: .venv-survey/ready .venv-released/ready ## what does the examiner find in released models, and what do its peers find in mutants?
	@mkdir -p _build/survey
	@PYTHONPATH=src .venv-survey/bin/python -m tools.survey _build/survey/survey.jsonl
	@PYTHONPATH=src .venv-released/bin/python -m tools.survey _build/survey/released.jsonl
	@python -m tools.survey.page _build/survey/survey.jsonl _build/survey/released.jsonl
	@PYTHONPATH=src .venv-survey/bin/python -m tools.survey.peers

class-tools: book .venv/box .venv-nbgrader/ready .venv-otter/ready .venv-dask/ready ## is each known answer marked alike across the border, on Dask's cluster, and by the graders of others?
	@python -m tests.classes.known
	@.venv-dask/bin/python -m tests.classes.clustered
	@python -m tools.class_tools

clean: ## remove everything that make made
	rm -rf _build .venv .venv-lab .venv-colab .venv-mutants .venv-survey .venv-released .venv-nbgrader .venv-otter .venv-dask mutants node_modules

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## /make \1\t/'

.venv/ready: requirements.txt pyproject.toml src/attnbook/pyproject.toml src/attnclass/pyproject.toml package-lock.json tools/environment.sh
	@tools/environment.sh book
	@touch $@

.venv/browser .venv/front-end .venv/box: .venv/ready
	@tools/environment.sh $(@F)
	@touch $@

.venv-%/ready: .venv/ready
	@tools/environment.sh $*
	@touch $@
