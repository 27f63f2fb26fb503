"""All commands under `patrol plan`, joined: each module brings its own."""

from patrol.cli import plan, plan_application, plan_compare, plan_files

app = plan.app
app.add_typer(plan_files.app)
app.add_typer(plan_compare.app)
app.add_typer(plan_application.app)
