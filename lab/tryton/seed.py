"""Fills a fresh database: a retailer with one tax, two warehouses and the lab's catalogue.

seed.py CONFIG DATABASE CATALOGUE OUT     OUT gets what a client needs to know, as JSON.
Works inside the server's process, through proteus.
"""
import datetime
import json
import os
import sys
from decimal import Decimal

from proteus import Model, Wizard, config

conf, database, catalogue, out = sys.argv[1:]
cfg = config.set_trytond(database, user='admin', config_file=conf)
with open(catalogue) as file:
    catalogue = json.load(file)
get = Model.get
# Where returned goods go that are not for sale again; restock is the warehouse's own storage.
DISPOSITIONS = ['destroy', 'return_to_customer', 'vendor_return', 'quarantine', 'refurbish']


def make(model, **values):
    record = get(model)(**values)
    record.save()
    return record


def find(model, *domain):
    return get(model).find(list(domain), limit=1)[0]


def account(kind):
    return find('account.account', (f'type.{kind}', '=', True), ('closed', '!=', True))


def company():
    euro = make('currency.currency', name='Euro', symbol='€', code='EUR', numeric_code='978',
        rounding=Decimal('0.01'), digits=2)
    make('currency.currency.rate', currency=euro, date=datetime.date(2020, 1, 1), rate=Decimal(1))
    for name, code, code3 in [('France', 'FR', 'FRA'), ('Germany', 'DE', 'DEU')]:
        make('country.country', name=name, code=code, code3=code3)
    party = make('party.party', name='Lab Retail')
    wizard = Wizard('company.company.config')
    wizard.execute('company')
    wizard.form.party, wizard.form.currency = party, euro
    wizard.execute('add')
    cfg._context = get('res.user').get_preferences(True, {})
    return find('company.company')


def accounts(company):
    chart = Wizard('account.create_chart')
    chart.execute('account')
    template = get('ir.model.data').get_id('account.account_template_root_en', cfg.context)
    chart.form.account_template = get('account.account.template')(template)
    chart.form.company = company
    chart.execute('create_account')
    chart.form.account_receivable, chart.form.account_payable = account('receivable'), account('payable')
    chart.form.category_account_revenue = account('revenue')
    chart.form.category_account_expense = account('expense')
    chart.execute('create_properties')
    # Shops round the tax of an order once, not line by line.
    settings = get('account.configuration')(1)
    settings.tax_rounding = 'document'
    settings.save()
    taxes = find('account.account', ('code', '=', '6.3.6'))
    move, invoice = (find('ir.sequence.type', ('name', '=', name)) for name in ('Account Move', 'Invoice'))
    for year in range(datetime.date.today().year - 1, datetime.date.today().year + 2):
        fiscal = get('account.fiscalyear')(name=str(year), company=company,
            start_date=datetime.date(year, 1, 1), end_date=datetime.date(year, 12, 31))
        fiscal.move_sequence = make('ir.sequence.strict', company=company, name=f'Moves {year}',
            sequence_type=move, prefix=f'M{year}-')
        for kind, prefix in [('out_invoice', 'INV'), ('out_credit_note', 'CN'), ('in_invoice', 'BILL'),
                ('in_credit_note', 'SCN')]:
            setattr(fiscal.invoice_sequences[0], f'{kind}_sequence', make('ir.sequence.strict', company=company,
                name=f'{prefix} {year}', sequence_type=invoice, prefix=f'{prefix}{year}-', padding=5))
        fiscal.save()
        fiscal.click('create_period')
    term = get('account.invoice.payment_term')(name='Immediate')
    term.lines.new(type='remainder')
    term.save()
    return make('account.tax', name='VAT 20%', description='VAT 20%', type='percentage',
        rate=Decimal(catalogue['tax_rate']), invoice_account=taxes, credit_note_account=taxes)


def warehouses():
    first = find('stock.location', ('type', '=', 'warehouse'))
    made = {}
    for code in ('wms-north', 'wms-south'):
        storage, arrivals = (make('stock.location', name=f'{code} {kind}', code=f'{code}-{kind}', type='storage')
            for kind in ('storage', 'input'))
        place = get('stock.location')(first.id) if not made else get('stock.location')(type='warehouse')
        place.name = place.code = code
        # Goods leave straight from storage: who picks and packs is the warehouse, not the ERP.
        place.input_location, place.storage_location, place.output_location = arrivals, storage, storage
        place.lost_found_location = find('stock.location', ('type', '=', 'lost_found'))
        place.save()
        for part in (storage, arrivals):
            part.parent = place
            part.save()
        for disposition in DISPOSITIONS:
            make('stock.location', name=f'{code} {disposition}', code=f'{code}-{disposition}', type='storage',
                parent=place)
        made[code] = place
    return made


def products(vat, places):
    category = make('product.category', name=f'Goods at {vat.name}', accounting=True,
        account_revenue=account('revenue'), account_expense=account('expense'))
    category.customer_taxes.append(get('account.tax')(vat.id))
    category.save()
    unit = find('product.uom', ('name', '=', 'Unit'))

    def product(sku, title, price, kind):
        template = get('product.template')(name=title, code=sku, salable=True, type=kind, default_uom=unit,
            list_price=Decimal(price), account_category=category)
        template.save()
        return template.products[0]

    made = {i['sku']: product(i['sku'], i['title'], i['price'], 'goods') for i in catalogue['items']}
    shipping = catalogue['shipping']
    product(shipping['sku'], shipping['title'], shipping['price'], 'service')
    for code, place in places.items():
        count = get('stock.inventory')(location=get('stock.location')(place.storage_location.id))
        for item in catalogue['items']:
            count.lines.new(product=get('product.product')(made[item['sku']].id),
                quantity=float(item['stock'][code]))
        count.save()
        count.click('confirm')


def hub(company):
    """Who books what the hub says: every business group, but not Administration."""
    user = get('res.user')(name='Hub', login='hub')
    for group in get('res.group').find([('name', '!=', 'Administration')]):
        user.groups.append(group)
    user.companies.append(get('company.company')(company.id))
    user.company = get('company.company')(company.id)
    user.save()
    return make('res.user.application', user=user, application='rest', state='validated').key


company = company()
vat = accounts(company)
places = warehouses()
products(vat, places)
make('party.party', name='Web customer', code='WEB')
with open(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w') as file:
    file.write(json.dumps({'company': company.id, 'party': 'WEB', 'places': {code: place.id for code, place in places.items()},
        'key': hub(company)}, indent=1) + '\n')
